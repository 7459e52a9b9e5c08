/** Says that the session is about to end. The script of the pages opens it. */
export function SessionDialog({ csrf }: { csrf: string }) {
  return (
    <dialog id="session" aria-labelledby="session-title" aria-describedby="session-text">
      <form class="stack" method="post" action="/session">
        <input type="hidden" name="_csrf" value={csrf} />
        <h2 id="session-title">Are you still there?</h2>
        <p id="session-text" data-session-text="">
          You will be signed out in 2 minutes, because there was no activity.
        </p>
        <div class="row">
          <button class="first" type="submit">
            Stay signed in
          </button>
        </div>
      </form>
    </dialog>
  );
}

const keys = [
  { key: 'j', does: 'next row of a list' },
  { key: 'k', does: 'previous row' },
  { key: 'Enter', does: 'open the row' },
  { key: 'x', does: 'select the row' },
  { key: '/', does: 'search patients' },
  { key: '?', does: 'show these keys' },
] as const;

/** Lists the keys of the pages, and turns them off. */
export function KeysDialog() {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <form class="stack" method="dialog">
        <h2 id="keys-title">Keyboard shortcuts</h2>
        <dl class="keys">
          {keys.map(({ key, does }) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input type="checkbox" id="keys-on" /> Use these keys in this browser
        </label>
        <div class="row">
          <button class="first" type="submit">
            Close
          </button>
        </div>
      </form>
    </dialog>
  );
}
