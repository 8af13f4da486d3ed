/* 7-details.js - every number, the settings and the machine, how to get the same again; and the start of it all. */
'use strict';

/* ---- every number ---- */

function allNumbers() {
  if (!first) return;
  const made = section(
    'numbers',
    'All numbers',
    'Every metric of the reports, by round; docs/game.md and docs/measures.md say what each means. Choose one to see it drawn.'
  );
  const place = el('div', {}),
    now = {source: 0, text: ''};
  const body = el('tbody', {}),
    head = el('thead', {});
  const table = () => {
    const source = sources[now.source],
      rounds = [-1, ...roundsOf(source)],
      all = new Set(source.names);
    const names = source.names.filter(
      (name) => !isEnd(name, all) && name.toLowerCase().includes(now.text.toLowerCase())
    );
    head.replaceChildren(
      el(
        'tr',
        {},
        el('th', {scope: 'col'}, 'metric'),
        rounds.map((round) => el('th', {scope: 'col'}, round < 0 ? 'whole' : 'round ' + round))
      )
    );
    body.replaceChildren(
      ...names.map((name) =>
        el(
          'tr',
          {},
          el('th', {scope: 'row'}, el('button', {type: 'button', class: 'link', onclick: () => show(name)}, name)),
          rounds.map((round) => numberCell(source.at(round, name)))
        )
      )
    );
  };
  const show = (name) => {
    const shown = roundFigure({title: title(name), metrics: [name], y: '', note: name});
    place.replaceChildren(shown || el('p', {class: 'notice'}, name + ' has no number by round.'));
    place.scrollIntoView({block: 'center'});
  };
  const box = el(
    'details',
    {class: 'card'},
    el('summary', {}, plural(first.names.length, 'number') + ' a report'),
    el(
      'div',
      {class: 'controls'},
      el(
        'label',
        {},
        'Name contains',
        el('input', {
          type: 'search',
          oninput: (event) => {
            now.text = event.target.value;
            table();
          },
        })
      ),
      sources.length > 1
        ? choice(
            'Of',
            sources.map((source, i) => [String(i), source.name]),
            '0',
            (i) => {
              now.source = Number(i);
              table();
            }
          )
        : null
    ),
    place,
    el('div', {class: 'scroll'}, el('table', {class: 'numbers names'}, head, body))
  );
  table();
  made.append(box);
}

/* ---- setup ---- */

const facts = (pairs) =>
  el(
    'dl',
    {class: 'facts'},
    pairs
      .filter((pair) => pair && pair[1] !== undefined && pair[1] !== null && pair[1] !== '')
      .map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])
  );
const setting = (run, name) => (new RegExp('^' + name + ':\\s*(.*)$', 'm').exec(run.config || '') || [])[1];
const quoted = (path) => (/^[\w@%+=:,./-]+$/.test(path) ? path : "'" + path.replaceAll("'", "'\\''") + "'");

function command(run) {
  const builtIn = !run.data || run.data.source === 'built-in',
    where = quoted(run.name);
  return (
    'pvgame train --config ' +
    where +
    '/config.yaml' +
    (builtIn ? '' : ' --data ' + where + '/data.jsonl.gz') +
    ' --out ' +
    quoted(run.name + '-again')
  );
}

function setupCard(run) {
  const environment = run.environment || {},
    data = run.data || {};
  const config = run.config
    ? el('details', {}, el('summary', {}, 'All settings (config.yaml)'), el('pre', {tabindex: '0'}, run.config))
    : null;
  return el(
    'div',
    {class: 'card'},
    el('h3', {}, run.name),
    facts([
      run.config ? ['the same again', el('code', {}, command(run))] : null,
      ['seed', setting(run, 'seed')],
      run.experiment
        ? [
            'seeds',
            [
              ...new Set(
                Object.values(run.experiment.metrics || {}).flatMap((metrics) =>
                  Object.values(metrics).flatMap((list) => list.flatMap((one) => Object.keys(one.values || {})))
                )
              ),
            ].join(', '),
          ]
        : null,
      ["settings' digest", run.digest ? el('code', {}, run.digest) : null],
      [
        'data',
        data.source
          ? [
              String(data.source),
              ', ',
              plural(data.problems, 'problem'),
              ', digest ',
              el('code', {}, String(data.digest)),
            ]
          : null,
      ],
      ['report by', 'pvgame ' + page.version],
      [
        'format of the run',
        isNumber(environment.format)
          ? whole(environment.format) + ', random streams ' + whole(environment.random_streams)
          : null,
      ],
      ['engine', environment.engine ? environment.engine + ', ' + plural(environment.threads, 'thread') : null],
      ['processor', environment.processor ? environment.processor : null],
      ['features', environment.features ? environment.features : null],
    ]),
    config
  );
}

function setup() {
  section(
    'setup',
    'Setup',
    'Settings, machine, and the command that plays the same game again: the same settings and data give the same bits on any machine with the same processor features, whatever the number of threads.'
  ).append(el('div', {class: runs.length > 1 ? 'grid' : ''}, runs.map(setupCard)));
}

/* ---- light and dark ---- */

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  repaint();
}

function followScheme() {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const asked = /(?:^|[#&])theme=(dark|light)(?:&|$)/.exec(location.hash);
  setTheme(asked ? asked[1] : dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', (event) => setTheme(event.matches ? 'dark' : 'light'));
  document
    .getElementById('theme')
    .addEventListener('click', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
}

function followSections() {
  const links = new Map([...document.querySelectorAll('#nav a')].map((link) => [link.hash.slice(1), link]));
  if (!('IntersectionObserver' in window)) return;
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const [id, link] of links) link.setAttribute('aria-current', String(id === entry.target.id));
        const link = links.get(entry.target.id),
          bar = link.closest('nav');
        bar.scrollLeft = link.offsetLeft - bar.offsetLeft - 40; /* on a phone the bar is wider than the screen */
      }
    },
    {rootMargin: '-20% 0px -70% 0px'}
  );
  for (const id of links.keys()) watch.observe(document.getElementById(id));
}

function begin() {
  document.title = 'pvgame report: ' + plain(main.name);
  document.getElementById('brand-run').textContent = plain(main.name);
  document.getElementById('written-by').textContent = 'pvgame ' + page.version;
  followScheme();
  for (const part of [overview, claims, charts, robustness, training, attacks, sampleSection, allNumbers, setup])
    part();
  followSections();
  const place = location.hash.length > 1 ? document.getElementById(location.hash.slice(1).split('&')[0]) : null;
  if (place) place.scrollIntoView({behavior: 'instant'});
  if (state.state !== 'failed') state.state = 'ready';
}
begin();
