// A reporter for node:test: one line for each event, as it happens. Loaded by the process that starts the files.
import events from './regreen_events.cjs';

const { errorOf, pathOf, text, write } = events;

/** The error that a test threw stands behind the runner's own. */
function thrown(details) {
  const error = details?.error;
  if (!error) return [];
  const found = errorOf(error.cause ?? error);
  found.failure = text(error.failureType ?? '');
  if (error.exitCode !== undefined && error.exitCode !== null) found.exit_code = text(error.exitCode);
  if (error.signal) found.signal = text(error.signal);
  return [found];
}

function told(data, outcome) {
  return {
    path: pathOf(data.file),
    name: data.name,
    nesting: data.nesting,
    line: data.line ?? 0,
    kind: data.details?.type ?? '',
    outcome,
    skipped: data.skip !== undefined || data.todo !== undefined,
    seconds: (data.details?.duration_ms ?? 0) / 1000,
    errors: thrown(data.details),
  };
}

export default async function* report(source) {
  write('start', { runner: 'node:test', version: process.version });
  for await (const { type, data } of source) {
    if (type === 'test:dequeue') {
      write('node_start', { path: pathOf(data.file), name: data.name, nesting: data.nesting, line: data.line ?? 0, kind: data.type ?? '' });
    } else if (type === 'test:pass' || type === 'test:fail') {
      write('node_end', told(data, type === 'test:pass' ? 'passed' : 'failed'));
    } else if (type === 'test:diagnostic') {
      write('node_note', { path: pathOf(data.file), message: text(data.message) });
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      write('node_output', { path: pathOf(data.file), stream: type.slice(5), text: text(data.message) });
    }
  }
  write('finish', { reason: '' });
  yield '';
}
