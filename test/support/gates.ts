import { waitUntil } from './waitUntil.ts';

/** Returns gates by name: a caller that passes a closed gate waits until it opens. A gate is open unless it was closed. */
export function makeGates() {
  const closed = new Map<string, { opened: Promise<void>; open: () => void; waiting: number }>();

  function open(name: string): void {
    closed.get(name)?.open();
    closed.delete(name);
  }

  return {
    close(...names: string[]): void {
      for (const name of names) {
        let open = (): void => undefined;
        const opened = new Promise<void>((resolve) => {
          open = resolve;
        });
        closed.set(name, { opened, open, waiting: 0 });
      }
    },
    open,
    openAll: () => [...closed.keys()].forEach(open),
    /** Resolves when a caller waits at the gate. */
    reached: (name: string) => waitUntil(`"${name}" is reached`, () => (closed.get(name)?.waiting ?? 0) > 0),
    async pass(name: string): Promise<void> {
      const gate = closed.get(name);
      if (gate === undefined) return;
      gate.waiting += 1;
      await gate.opened;
    },
  };
}
