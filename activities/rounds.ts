/**
 * Returns a function that runs tasks in rounds: what comes while a round is running starts together when it has ended. Tasks that
 * start together ask the database the same things at the same time, which then are one request; see `store/coalesce.ts`.
 */
export function rounds(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let waiting: (() => void)[] = [];
  let running = 0;

  return async (task) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      // What comes in the same turn goes along.
      if (running === 0) setImmediate(begin);
    });
    try {
      return await task();
    } finally {
      running -= 1;
      if (running === 0) begin();
    }
  };

  function begin(): void {
    if (running > 0) return;
    const starting = waiting;
    waiting = [];
    running = starting.length;
    for (const start of starting) start();
  }
}
