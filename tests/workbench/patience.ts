// Waiting for states, never for time.

/** How long a state may take to come on a slow machine that does other things too. */
export const PATIENCE = 180_000;

/** Ask until the answer is there (not undefined, not false); say what was waited for when it never comes. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  patience = PATIENCE,
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (end < performance.now()) {
      throw new Error(`Never came: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Fail with both values when they differ. */
export function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) {
    throw new Error(`${what} is ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  }
}
