// The CAPTCHA's own script: works for browsers, and fetches new characters without losing what was typed.
// Pages work without it: they show the picture, and a link that loads the page anew.

const box = document.querySelector('.captcha')
const form = box?.closest('form')
const state = box?.querySelector('.captcha-state')
const hidden = (name) => form.elements.namedItem(name)

// fresh asks for another challenge of a kind.
async function fresh(kind) {
  const answer = await fetch(`${box.dataset.captchaFrom}new?kind=${kind}`, { cache: 'no-store' })
  if (!answer.ok) throw new Error(answer.status)
  const challenge = await answer.json()
  box.dataset.captchaId = challenge.id
  hidden('captcha_id').value = challenge.id
  return challenge
}

// search finds the number whose hash is the target. Hashing happens beside the page's own thread, a
// few hundred at a time, so that typing never waits.
async function search({ salt, target, most }) {
  const wanted = target.match(/../g).map((pair) => parseInt(pair, 16))
  const text = new TextEncoder()
  const many = 400
  for (let from = 0; from <= most; from += many) {
    const hashes = await Promise.all(Array.from({ length: many }, (_, i) =>
      crypto.subtle.digest('SHA-256', text.encode(salt + (from + i)))))
    const at = hashes.findIndex((hash) => {
      const bytes = new Uint8Array(hash)
      return wanted.every((byte, i) => bytes[i] === byte)
    })
    if (at >= 0) return from + at
  }
  throw new Error('no solution')
}

if (state) {
  let waiting // the button that was pressed before the work was done
  let phase = 'working'
  const say = (name) => { phase = name; state.textContent = state.dataset[`label${name[0].toUpperCase()}${name.slice(1)}`] }
  const work = async (challenge) => {
    say('working')
    try {
      hidden('captcha_work').value = await search(challenge)
      say('done')
    } catch {
      say('failed')
    }
    if (waiting) form.requestSubmit(waiting)
  }
  form.addEventListener('submit', (event) => {
    if (phase !== 'working') return
    waiting = event.submitter
    event.preventDefault()
    event.stopImmediatePropagation()
  }, { capture: true })
  work({ salt: state.dataset.salt, target: state.dataset.target, most: Number(state.dataset.most) })
  // A challenge ends after five minutes; whoever takes longer over the form gets the next one in time.
  setInterval(() => fresh('work').then((c) => work(c.work)).catch(() => {}), 4 * 60 * 1000)
}

box?.querySelector('[data-captcha-new]')?.addEventListener('click', async (event) => {
  event.preventDefault()
  const link = event.currentTarget
  try {
    const { id } = await fresh('image')
    const at = `${box.dataset.captchaFrom}${id}`
    box.querySelector('img').src = `${at}.png`
    box.querySelector('audio').src = `${at}.wav`
    box.querySelector('.captcha-sound a').href = `${at}.wav`
    const input = hidden('captcha_answer')
    input.value = ''
    input.focus()
  } catch {
    location.href = link.href
  }
})
