// Loaded before each test file of node:test, in its own process: says at once which test begins and why a process ends.
// The runner's own events come too late when a test never gives the processor back.
import events from './regreen_events.cjs';

const { errorOf, hide, tellExit, write } = events;

if (process.env.NODE_TEST_CONTEXT) {
  hide();
  const { beforeEach } = await import('node:test');
  const path = process.argv[1] ?? '';
  let running = 0;
  beforeEach((context) => {
    running += 1;
    write('node_began', { path: context.filePath ?? path, name: context.name ?? '', full: context.fullName ?? '' });
  });
  tellExit(() => false, { path });
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    write('node_uncaught', { path, origin, running, error: errorOf(error) });
  });
}
