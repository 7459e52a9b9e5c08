/*
 * Warns two minutes before the session ends for want of activity (WCAG 2.2.1), and leaves the page when it has ended: an
 * unattended browser must not keep showing a patient. Browsers without scripts are sent away by a meta element.
 */

const WARN_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
const ASK_EVERY_MS = 10_000;
/** The session has ended for the server too. */
const LEAVE_AFTER_MS = 2_000;

let leaving = false;

const dialog = document.getElementById('session');
const meta = document.querySelector('meta[name="session-seconds"]');
if (dialog instanceof HTMLDialogElement && meta !== null) watch(dialog, Number(meta.getAttribute('content')));

/**
 * @param {HTMLDialogElement} dialog
 * @param {number} seconds until the session ends
 */
function watch(dialog, seconds) {
  const token = dialog.querySelector('input[name="_csrf"]')?.getAttribute('value') ?? '';
  const text = dialog.querySelector('[data-session-text]');
  const warnMs = Math.min(WARN_MS, (seconds * 1_000) / 2);
  let endsAt = Date.now() + seconds * 1_000;
  let askedAt = 0;
  /** It can be extended no more, and the person knows. */
  let last = false;

  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener('visibilitychange', look);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    void stay();
  });
  dialog.addEventListener('submit', (event) => {
    event.preventDefault();
    void stay();
  });

  async function look() {
    if (endsAt - Date.now() > warnMs) return void (dialog.open && dialog.close());
    // Another tab may have extended the session.
    if (Date.now() - askedAt >= ASK_EVERY_MS || endsAt + LEAVE_AFTER_MS <= Date.now()) await ask('GET');
    const left = endsAt - Date.now();
    if (left <= -LEAVE_AFTER_MS) return leave();
    if (left > warnMs || last) return;
    if (!dialog.open) dialog.showModal();
    say(`You will be signed out in ${timeText(left)}, because there was no activity.`);
  }

  async function stay() {
    const over = !dialog.open || last;
    await ask('POST');
    if (over || endsAt - Date.now() > warnMs) return dialog.close();
    last = true;
    say('A session lasts twelve hours at most. Finish what you are doing: you can sign in again at once.');
  }

  /** @param {'GET' | 'POST'} method */
  async function ask(method) {
    askedAt = Date.now();
    const headers = { 'x-csrf-token': token };
    const answer = await fetch('/session', { method, headers }).catch(() => null);
    if (answer?.status === 401) return leave();
    if (answer?.ok) endsAt = Date.now() + (await answer.json()).seconds * 1_000;
  }

  /** @param {string} words */
  function say(words) {
    if (text !== null && text.textContent !== words) text.textContent = words;
  }
}

function leave() {
  if (leaving) return;
  leaving = true;
  location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname, over: '1' })}`);
}

/** @param {number} ms */
function timeText(ms) {
  const left = Math.max(0, Math.ceil(ms / 1_000));
  if (left > 60) return '2 minutes';
  if (left > 30) return '1 minute';
  return left > 10 ? '30 seconds' : 'a few seconds';
}
