/*
 * The keys of the pages: j and k move through the rows of a list, Enter opens the row, x selects it, / goes to the search, ?
 * shows the keys. A person can turn them off (WCAG 2.1.4), because speech input and unsteady hands press keys by mistake.
 */

const SETTING = 'keyboard-shortcuts';

const dialog = document.getElementById('keys');
const choice = document.getElementById('keys-on');

/** @type {Record<string, () => void>} */
const actions = {
  '/': () => focusField(),
  '?': () => open(),
  j: () => moveBy(1),
  k: () => moveBy(-1),
  x: () => select(),
};

if (dialog instanceof HTMLDialogElement && choice instanceof HTMLInputElement) {
  choice.checked = localStorage.getItem(SETTING) !== 'off';
  choice.addEventListener('change', () => localStorage.setItem(SETTING, choice.checked ? 'on' : 'off'));
  for (const button of document.querySelectorAll('[data-keys]')) {
    button.removeAttribute('hidden');
    button.addEventListener('click', open);
  }
  document.addEventListener('keydown', (event) => {
    if (!choice.checked || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function open() {
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

function focusField() {
  const field = document.getElementById('find');
  if (!(field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
}

/** @param {number} step */
function moveBy(step) {
  const rows = [...document.querySelectorAll('main .table tbody tr')].filter((row) => linkOf(row) !== null);
  const row = currentRow();
  const at = row === null ? -1 : rows.indexOf(row);
  // Without a row so far, both keys begin with the first.
  const next = at === -1 ? rows[0] : rows[at + step];
  const link = next && linkOf(next);
  if (link instanceof HTMLElement) link.focus();
}

function select() {
  const box = currentRow()?.querySelector('.pick input');
  if (box instanceof HTMLInputElement) box.click();
}

function currentRow() {
  return document.activeElement?.closest('main .table tbody tr') ?? null;
}

/** @param {Element} row */
function linkOf(row) {
  return row.querySelector('.name a[href], a[href]');
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target.matches('select, textarea') || target.isContentEditable;
}
