// What must go when all is done: of tests by their preload, for the test runner ends without
// telling the process; of a bench with its process.

const todo: (() => void)[] = [];

export function atEnd(act: () => void): void {
  todo.push(act);
}

export function end(): void {
  for (const act of todo.splice(0)) act();
}

process.on('exit', end);
