/*
 * Pages that show what is new, and the selection of rows. Every 30 seconds, while the page is visible, the banners and the
 * counts of the navigation are replaced, and on a page with a list the element `#live`. Selected boxes, what is in fields, open
 * details and the focus stay.
 */

const EVERY_MS = 30_000;
const LOOK_EVERY_MS = 1_000;

let refreshedAt = Date.now();
showSelection();
document.addEventListener('change', (event) => {
  if (event.target instanceof HTMLInputElement && event.target.matches('[data-pick-all]')) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  showSelection();
});
// Going back in the history restores boxes without a change.
window.addEventListener('pageshow', showSelection);

setInterval(refreshWhenDue, LOOK_EVERY_MS);
document.addEventListener('visibilitychange', refreshWhenDue);

function refreshWhenDue() {
  if (document.visibilityState !== 'visible' || Date.now() - refreshedAt < EVERY_MS || isBusy()) return;
  refreshedAt = Date.now();
  void refresh();
}

/** Returns true while a person types, marks text or answers a dialog: the list then stays as it is. */
function isBusy() {
  const live = document.getElementById('live');
  const selection = document.getSelection();
  return (
    document.querySelector('dialog[open]') !== null ||
    live?.querySelector('input:not([type=checkbox]):focus, select:focus, textarea:focus') instanceof Element ||
    (live !== null && selection !== null && !selection.isCollapsed && selection.containsNode(live, true))
  );
}

async function refresh() {
  const hasList = document.getElementById('live') !== null;
  const answer = await fetch(hasList ? location.href : '/frame', { headers: { 'x-refresh': '1' } }).catch(() => null);
  // The session is over: the address is that of the sign-in.
  if (answer?.redirected && hasList) return location.assign(answer.url);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of ['#banners', ...[...document.querySelectorAll('[data-count]')].map(selectorOf)])
    replace(part, page);
  if (!isBusy()) replaceLive(page);
}

/** @param {Element} count */
function selectorOf(count) {
  return `[data-count="${count.getAttribute('data-count')}"]`;
}

/**
 * Replaces a part if it has changed, so that screen readers announce nothing twice.
 * @param {string} selector
 * @param {Document} page
 */
function replace(selector, page) {
  const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
  if (old !== null && fresh !== null && old.outerHTML !== fresh.outerHTML) old.replaceWith(fresh);
}

/** @param {Document} page */
function replaceLive(page) {
  const [old, fresh] = [document.getElementById('live'), page.getElementById('live')];
  if (old === null || fresh === null) return;
  const checked = new Map(boxes().map((box) => [box.value, box.checked]));
  const values = new Map(fieldsIn(old).map((field) => [field.id, field.value]));
  const opened = [...old.querySelectorAll('details[id][open]')].map(({ id }) => id);
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  const { id = '', href = null } = focus === null ? {} : { id: focus.id, href: focus.getAttribute('href') };
  const picked = boxes().find((box) => box === focus)?.value;
  old.replaceWith(fresh);
  for (const box of boxes()) box.checked = checked.get(box.value) ?? box.checked;
  for (const field of fieldsIn(fresh)) field.value = values.get(field.id) ?? field.value;
  for (const one of opened) document.getElementById(one)?.setAttribute('open', '');
  const links = [...fresh.querySelectorAll('a')];
  const unnamed = boxes().find((box) => box.value === picked) ?? links.find(hasAddress(href));
  const again = id !== '' ? document.getElementById(id) : unnamed;
  again?.focus({ preventScroll: true });
  showSelection();
}

/** @param {string | null} href */
function hasAddress(href) {
  return (/** @type {Element} */ link) => href !== null && link.getAttribute('href') === href;
}

/** @param {Element} live */
function fieldsIn(live) {
  const found = live.querySelectorAll('select[id], input[id]:not([type=checkbox]):not([type=radio])');
  return [...found].filter((field) => field instanceof HTMLSelectElement || field instanceof HTMLInputElement);
}

/** Returns the boxes that select rows. */
function boxes() {
  const found = document.querySelectorAll('main .pick input:not([data-pick-all])');
  return [...found].flatMap((box) => (box instanceof HTMLInputElement ? box : []));
}

/** Says how many rows are selected, and keeps the box in the head of the table in step with them. */
function showSelection() {
  const all = boxes();
  const selected = all.filter(({ checked }) => checked).length;
  for (const text of document.querySelectorAll('[data-picked]'))
    text.textContent = selected === 0 ? '' : `${selected} selected`;
  for (const box of document.querySelectorAll('[data-pick-all]')) {
    if (!(box instanceof HTMLInputElement)) continue;
    box.hidden = false;
    box.checked = all.length > 0 && selected === all.length;
    box.indeterminate = selected > 0 && selected < all.length;
  }
}
