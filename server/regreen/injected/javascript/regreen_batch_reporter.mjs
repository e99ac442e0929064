// A reporter for node:test in a worker thread: one line for each test that ended, with the names around it.
export default async function* report(source) {
  const open = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      open.length = data.nesting;
      open.push(data.name);
    } else if (type === 'test:pass' || type === 'test:fail') {
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      const told = {
        titles: [...open.slice(0, data.nesting), data.name],
        passed: type === 'test:pass',
        error: error ? String(cause?.stack ?? cause) : '',
      };
      yield `\n${JSON.stringify({ regreen: told })}\n`;
    }
  }
}
