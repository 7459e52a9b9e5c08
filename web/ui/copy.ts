import { createHash } from 'node:crypto';

/**
 * Copies the text of the element that a button names in `data-copy`, and shows `data-copied` in it for a moment. The buttons are
 * hidden without it: without JavaScript, and where the browser does not let pages write to the clipboard.
 */
export const copyScript = `for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const { textContent } = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(textContent.trim());
    const before = [...button.childNodes];
    button.replaceChildren(button.dataset.copied);
    setTimeout(() => button.replaceChildren(...before), 2000);
  });
}
`;

/** Changes with the script, so that browsers can cache it for a year. */
export const copyVersion = createHash('sha256').update(copyScript).digest('hex').slice(0, 12);
