// Portico's one script. Every page works without it; it only makes waiting and typing kinder.
// It writes text and attributes alone, so it runs under require-trusted-types-for 'script'.

const $$ = (selector, root = document) => root.querySelectorAll(selector)

// The summary of faults takes focus, so that it is read first.
document.getElementById('errors')?.focus()

// Show and hide a password, by words.
for (const button of $$('[data-show]')) {
  const input = document.getElementById(button.dataset.show)
  const twin = input.form?.elements.namedItem('confirm')
  button.hidden = false
  button.addEventListener('click', () => {
    const shown = input.type === 'password'
    for (const i of [input, twin]) if (i) i.type = shown ? 'text' : 'password'
    button.textContent = shown ? button.dataset.labelHide : button.dataset.labelShow
    input.focus()
  })
  input.form?.addEventListener('submit', () => {
    for (const i of [input, twin]) if (i) i.type = 'password'
  })
}

// Copy a value; the button is there only where it works.
for (const button of $$('[data-copy]')) {
  if (!navigator.clipboard) break
  button.hidden = false
  const label = button.textContent
  button.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(button.dataset.copy) } catch { return }
    button.textContent = button.dataset.labelCopied
    setTimeout(() => { button.textContent = label }, 2000)
  })
}

// What a password has, judged as the server judges it: in code points, by Unicode class.
const classes = { lower: /\p{Ll}/u, upper: /\p{Lu}/u, digit: /\p{Nd}/u, special: /[^\p{L}\p{Nd}\s\p{Cc}]/u }
const has = (name, text) => classes[name].test(text)
const tests = {
  min: (text, n) => [...text.normalize('NFC')].length >= n,
  classes: (text, n) => Object.keys(classes).filter((c) => has(c, text)).length >= n,
  ascii: (text) => text !== '' && /^[\x20-\x7e]*$/.test(text),
}

function met(test, text) {
  const [name, n] = test.split(':')
  if (name in classes) return has(name, text)
  return name in tests ? tests[name](text, Number(n)) : null
}

const rules = document.getElementById('rules')
if (rules) {
  const input = document.querySelector('[aria-describedby~="rules"]')
  const list = rules.querySelector('ul')
  const tick = () => {
    for (const li of $$('[data-rule]', list)) {
      const ok = met(li.dataset.test ?? '', input.value)
      if (ok === null || String(ok) === li.dataset.met) continue
      li.dataset.met = String(ok)
      li.querySelector('[data-state]').textContent = ok ? list.dataset.labelMet : list.dataset.labelUnmet
    }
  }
  input?.addEventListener('input', tick)
  if (input?.value) tick()
}

// How hard to guess: the server scores what was typed when the typing pauses. An answer that comes late,
// or not at all, changes nothing.
for (const box of $$('[data-strength]')) {
  const input = document.getElementById(box.dataset.strength)
  const bar = box.querySelector('progress')
  const words = box.querySelector('[role="status"]')
  const show = (score) => {
    bar.value = score
    const say = input.value ? box.dataset[`level${Math.max(0, score - 1)}`] : ''
    if (words.textContent !== say) words.textContent = say
  }
  let timer
  const ask = async () => {
    const asked = input.value
    const body = new URLSearchParams({ token: input.form.elements.token.value, password: asked })
    try {
      const answer = await fetch(box.dataset.ask, { method: 'POST', body })
      const { score } = answer.ok ? await answer.json() : {}
      if (score !== undefined && input.value === asked) show(score)
    } catch { /* no network: the form still works */ }
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    box.toggleAttribute('data-typed', input.value !== '')
    if (input.value) timer = setTimeout(ask, 250)
    else show(0)
  })
}

// Times come in UTC with the zone named; here they become the person's own.
const locale = document.documentElement.lang
for (const time of $$('time[data-local]')) {
  const at = new Date(time.dateTime)
  if (Number.isNaN(at.getTime())) continue
  const today = at.toDateString() === new Date().toDateString()
  const clock = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }
  const day = { day: 'numeric', month: 'long', year: 'numeric' }
  const kind = time.dataset.local
  const parts = kind === 'date' ? day : kind === 'time' && today ? clock : { ...day, ...clock }
  time.textContent = new Intl.DateTimeFormat(locale, parts).format(at)
}

// "Send again" counts down; until then the button rests, though it stays where it is.
for (const button of $$('[data-until]')) {
  const words = document.getElementById(button.getAttribute('aria-describedby'))
  const until = Date.parse(button.dataset.until)
  const step = () => {
    const left = Math.ceil((until - Date.now()) / 1000)
    if (!(left > 0) || left > 86400) {
      button.removeAttribute('aria-disabled')
      words.textContent = words.dataset.labelReady
      return
    }
    button.setAttribute('aria-disabled', 'true')
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
    words.textContent = words.dataset.labelCount.replace('{clock}', clock)
    setTimeout(step, 1000)
  }
  step()
}

// One press is enough; the button keeps its size while it works, and comes back with the page.
for (const form of $$('form')) {
  form.addEventListener('submit', (event) => {
    const button = event.submitter
    if (button?.getAttribute('aria-disabled') === 'true' || form.dataset.sent) {
      event.preventDefault()
      return
    }
    if (form.dataset.guard === undefined) return
    form.dataset.sent = 'true'
    button?.setAttribute('data-busy', '')
    setTimeout(() => reset(form), 15000)
  })
}

function reset(form) {
  delete form.dataset.sent
  for (const button of $$('[data-busy]', form)) button.removeAttribute('data-busy')
}
addEventListener('pageshow', () => { for (const form of $$('form')) reset(form) })
