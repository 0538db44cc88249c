// The console's conveniences; every page works without them.

// "/" goes to the search, Esc closes what is open.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const open = event.target.closest?.('details[open]')
    if (open) {
      open.open = false
      open.querySelector('summary')?.focus()
    }
    return
  }
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest?.('input, textarea, select, [contenteditable]')) return
  const search = document.querySelector('input[type="search"]')
  if (search) {
    event.preventDefault()
    search.focus()
  }
})

// Arrow keys walk through the rows of a list by their first links.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const row = event.target.closest?.('.table tbody tr')
  if (!row || event.target.closest('input, textarea, select')) return
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling
  const link = next?.querySelector('a, button')
  if (link) {
    event.preventDefault()
    link.focus()
  }
})

// An import that goes on shows how far it has come; when it ends, the page is loaded once more.
const moving = document.querySelector('[data-import]')
if (moving) {
  const bar = moving.querySelector('progress')
  const said = moving.querySelector('[role="status"]')
  const look = async () => {
    try {
      const answer = await fetch(moving.dataset.import, { headers: { accept: 'application/json' } })
      if (!answer.ok || answer.redirected) return
      const now = await answer.json()
      if (!now.moving) {
        location.reload()
        return
      }
      bar.value = now.percent
      if (said.textContent !== now.text) said.textContent = now.text
    } catch {
      // The network is away for a moment; the next look tells more.
    }
    setTimeout(look, 1500)
  }
  setTimeout(look, 1000)
}
