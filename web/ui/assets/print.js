/* Says when a page was printed: the page may have been open for a while. */

window.addEventListener('beforeprint', () => {
  const at = new Date();
  const words = at.toLocaleString('en-US', { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
  for (const time of document.querySelectorAll('.printed time')) {
    time.setAttribute('datetime', at.toISOString());
    time.textContent = words;
  }
});
