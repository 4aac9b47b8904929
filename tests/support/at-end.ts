// What must go when all tests have run: the test runner ends without telling the process.

const todo: (() => void | Promise<void>)[] = [];

export function atEnd(act: () => void | Promise<void>): void {
  todo.push(act);
}

export async function end(): Promise<void> {
  for (const act of todo.splice(0)) await act();
}
