// Draws each chart of the dashboard from the table beside it; without this script the tables stand alone.

const dark = matchMedia('(prefers-color-scheme: dark)')

async function draw(section) {
  const { default: uPlot } = await import(section.dataset.library)
  const plot = section.querySelector('.plot')
  const rows = [...section.querySelectorAll('tbody tr')]
  const names = [...section.querySelectorAll('.chart-name')].map((name) => name.textContent)
  const times = rows.map((row) => Date.parse(row.querySelector('time').dateTime) / 1000)
  const lines = names.map((_, i) => rows.map((row) => Number(row.querySelectorAll('td')[i].textContent)))
  const locale = document.documentElement.lang
  const number = new Intl.NumberFormat(locale)
  const hourly = times.length > 1 && times[1] - times[0] < 86400
  const label = new Intl.DateTimeFormat(locale, hourly ? { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' } : { timeZone: 'UTC', month: 'short', day: 'numeric' })
  let chart
  const show = () => {
    chart?.destroy()
    const style = getComputedStyle(document.body)
    const color = (name) => style.getPropertyValue(name).trim()
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 }, font: `12px ${style.fontFamily}` }
    const strokes = [color('--accent'), color('--bad'), color('--warn')]
    chart = new uPlot({
      width: Math.max(plot.clientWidth, 200), height: 220, legend: { show: false }, cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { y: { range: (_, low, high) => [0, Math.max(high, 4)] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => label.format(tick * 1000)) },
        { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7], values: (_, ticks) => ticks.map((tick) => number.format(tick)) },
      ],
      series: [{}, ...names.map((name, i) => ({ label: name, stroke: strokes[i], width: 2, dash: [[], [8, 4], [2, 4]][i], points: { show: false } }))],
    }, [times, ...lines], plot)
  }
  show()
  dark.addEventListener('change', show)
  new ResizeObserver(() => {
    if (chart && Math.abs(chart.width - plot.clientWidth) > 4) chart.setSize({ width: Math.max(plot.clientWidth, 200), height: 220 })
  }).observe(plot)
  section.dataset.drawn = ''
}

for (const section of document.querySelectorAll('[data-chart]')) {
  draw(section).catch(() => {
    section.querySelector('.plot').hidden = true
  })
}
