/* 6-samples.js - the samples: filtered, sorted, coloured token by token, marked step by step, two rounds side by side. */
'use strict';

const PER_PAGE = 20;
const samples = shown.samples || [];
const filter = {
  role: '',
  round: '',
  stage: '',
  verdict: '',
  steps: '',
  min: '',
  max: '',
  text: '',
  problem: '',
  sort: '',
  page: 0,
  by: 'own',
  figures: false,
};

/* ---- one sample ---- */

/* The verdict to colour by: of the verifier of the sample's round, or of the newest. */
function verdictOf(sample) {
  const all = sample.verdicts || [];
  return filter.by === 'last' ? all[all.length - 1] : all[0];
}

const markTexts = {
  right: ['good', '✓', 'a step written out, and right'],
  bare: ['good', '✓ result only', 'a result alone, and right'],
  answer: ['good', '✓ answer', 'the right answer'],
  arithmetic: ['bad', '✗ arithmetic', 'the calculation does not come out'],
  grounding: ['bad', '✗ quantity', 'a wrong quantity or operation'],
  distractor: ['bad', '✗ distractor', 'uses what a distractor tells of'],
  both: ['bad', '✗ arithmetic, quantity', 'the calculation does not come out, and is of a wrong quantity or operation'],
  wrong_answer: ['odd', '≠ answer', 'follows from the steps, but is not the right answer'],
  omitted: ['odd', ' left out', 'steps that were not written'],
  mismatch: ['bad', '✗ answer', 'does not follow from the steps'],
};

function markElement(name, count) {
  const [tone, text, meaning] = own(markTexts, name) || ['odd', name, ''];
  return el(
    'span',
    {class: 'mark ' + tone, title: 'step oracle: ' + meaning},
    name === 'omitted' ? plural(count, 'step') + text : text
  );
}

/* The text in pieces that end where a token or a marked step ends. */
function solutionElement(sample) {
  const text = sample.text,
    said = verdictOf(sample),
    ends = said ? sample.ends || [] : [],
    marks = (sample.oracle || {}).marks || [];
  const most = said ? Math.max(...said.parts.map(Math.abs), 1e-6) : 1;
  const made = el('div', {class: 'solution'});
  let at = 0,
    token = 0,
    mark = 0;
  while (at < text.length || mark < marks.length) {
    const tokenEnd = token < ends.length ? ends[token] : text.length,
      markEnd = mark < marks.length ? marks[mark][0] : Infinity;
    const to = Math.min(tokenEnd, markEnd, text.length);
    if (to > at) {
      const piece = el('span', {class: 'token'}, text.slice(at, to)),
        part = said && token < ends.length ? said.parts[token] : null;
      if (isNumber(part)) {
        const strength = Math.abs(part) / most;
        piece.style.backgroundColor =
          'rgba(var(--' + (part >= 0 ? 'for' : 'against') + '), ' + (0.5 * strength).toFixed(2) + ')';
        if (strength > 0.5) piece.classList.add(part >= 0 ? 'for' : 'against');
        piece.title = (part >= 0 ? '+' : '−') + digits(Math.abs(part)) + ' of the score';
        if (filter.figures && to === tokenEnd)
          piece.append(el('sub', {class: 'soft'}, (part >= 0 ? '+' : '−') + digits(Math.abs(part), 1)));
      }
      made.append(piece);
    }
    at = to;
    if (at >= tokenEnd) token++;
    if (at >= markEnd || (at >= text.length && mark < marks.length)) {
      made.append(markElement(marks[mark][1], marks[mark][2]));
      mark++;
    } else if (at >= text.length) break;
  }
  if (text === '') made.append(el('em', {class: 'soft'}, 'nothing was written'));
  return made;
}

function oracleText(sample) {
  const o = sample.oracle;
  if (!o) return null;
  const faults = [
    o.arithmetic && plural(o.arithmetic, 'arithmetic error'),
    o.grounding && plural(o.grounding, 'wrong quantity', 'wrong quantities'),
    o.omitted && plural(o.omitted, 'step') + ' not written',
    o.mismatch && 'the answer does not follow',
  ].filter(Boolean);
  return (
    'Step oracle: ' +
    (faults.length > 0
      ? faults.join(', ')
      : o.fully_shown
        ? 'every step shown and valid'
        : o.valid
          ? 'valid, not every step written out'
          : 'no wrong step') +
    '; ' +
    whole(o.full) +
    ' of ' +
    plural(o.steps, 'step') +
    ' written out.'
  );
}

const verdictTones = {correct: ['good', '✓ correct'], wrong: ['bad', '✗ wrong'], ungraded: ['', 'ungraded']};
function verdictBadge(verdict) {
  const [tone, text] = own(verdictTones, verdict) || ['odd', (verdict || '?').replaceAll('_', ' ')];
  return el('span', {class: 'badge ' + tone}, text);
}

const problemOf = (sample) => (shown.problems || [])[sample.problem] || {id: '?', question: '', gold: ''};
const roundText = (round) => (round < 0 ? 'before round 0' : 'round ' + round);
function verifierText(said) {
  const name = said ? (shown.verifiers || [])[said.by] : null;
  return name === 'last_verifier' ? 'the last verifier' : name ? 'verifier ' + name.replace(/\D/g, '') : '';
}

function sampleCard(sample, aside) {
  const problem = problemOf(sample),
    said = verdictOf(sample);
  return el(
    'article',
    {class: aside ? 'sample' : 'card sample'},
    el(
      'header',
      {},
      el(
        'span',
        {class: 'who ' + (['helpful', 'sneaky'].includes(sample.role) ? sample.role : 'neutral')},
        String(sample.role)
      ),
      verdictBadge(sample.verdict),
      el(
        'span',
        {},
        roundText(sample.round) +
          ', ' +
          title(String(sample.stage)) +
          (sample.greedy ? ', greedy' : '') +
          (sample.stage === 'prover' ? ', step ' + sample.step : '')
      ),
      el(
        'span',
        {class: 'soft'},
        'score ' +
          digits(sample.score) +
          (isNumber(sample.reward) ? ', reward ' + digits(sample.reward) : '') +
          (isNumber(sample.tokens) ? ', ' + plural(sample.tokens, 'token') : '')
      ),
      aside ? null : el('button', {type: 'button', class: 'push small', onclick: () => compare(sample)}, 'Side by side')
    ),
    aside
      ? null
      : el(
          'p',
          {class: 'question', dir: 'ltr'},
          el('span', {class: 'small'}, problem.id, ' · '),
          problem.question,
          '  (',
          problem.gold,
          ')'
        ),
    solutionElement(sample),
    el(
      'p',
      {class: 'soft small'},
      [
        said ? 'Coloured by ' + verifierText(said) + ', whose score is ' + digits(said.score) + '.' : null,
        oracleText(sample),
        sample.cut ? 'The text was cut.' : null,
      ]
        .filter(Boolean)
        .join(' ')
    )
  );
}

/* ---- side by side ---- */

const describe = (sample) =>
  roundText(sample.round) +
  ', ' +
  sample.role +
  ', ' +
  title(String(sample.stage)) +
  (sample.greedy ? ' (greedy)' : '') +
  ': ' +
  String(sample.verdict).replaceAll('_', ' ');

function compare(sample) {
  const all = samples
      .filter((one) => one.problem === sample.problem)
      .sort((a, b) => a.round - b.round || String(a.role).localeCompare(String(b.role))),
    problem = problemOf(sample);
  const other =
    all.find(
      (one) =>
        one !== sample &&
        one.role === sample.role &&
        one.round !== sample.round &&
        Boolean(one.greedy) === Boolean(sample.greedy)
    ) ||
    all.find((one) => one !== sample) ||
    sample;
  const pair = other.round < sample.round ? [other, sample] : [sample, other];
  const column = (which) => {
    const place = el('div', {}),
      show = (i) => place.replaceChildren(sampleCard(all[i], true));
    show(all.indexOf(pair[which]));
    return el(
      'div',
      {},
      choice(
        which === 0 ? 'First' : 'Second',
        all.map((one, i) => [String(i), describe(one)]),
        String(all.indexOf(pair[which])),
        (i) => show(Number(i))
      ),
      place
    );
  };
  const box = el(
    'dialog',
    {'aria-label': 'Two solutions of one problem', onclose: () => box.remove()},
    el(
      'div',
      {class: 'title-row'},
      el(
        'div',
        {},
        el('h3', {}, problem.id),
        el('p', {class: 'question', dir: 'ltr'}, problem.question, '  (', problem.gold, ')')
      ),
      el('button', {type: 'button', onclick: () => box.close()}, 'Close')
    ),
    legend(),
    el('div', {class: 'side'}, column(0), column(1))
  );
  document.body.append(box);
  box.showModal();
}

/* ---- filtering ---- */

const tests = {
  role: (sample, value) => sample.role === value,
  round: (sample, value) => String(sample.round) === value,
  stage: (sample, value) => sample.stage === value,
  verdict: (sample, value) => sample.verdict === value,
  problem: (sample, value) => problemOf(sample).id === value,
  min: (sample, value) => isNumber(sample.score) && sample.score >= Number(value),
  max: (sample, value) => isNumber(sample.score) && sample.score <= Number(value),
  text: (sample, value) =>
    (sample.text + '\n' + problemOf(sample).question).toLowerCase().includes(value.toLowerCase()),
  steps: (sample, value) =>
    Boolean(sample.oracle) &&
    (value === 'error'
      ? sample.oracle.arithmetic + sample.oracle.grounding > 0
      : value === 'shown'
        ? sample.oracle.fully_shown
        : value === 'lucky'
          ? sample.verdict === 'correct' && !sample.oracle.valid
          : sample.verdict === 'wrong' && sample.oracle.arithmetic + sample.oracle.grounding === 1),
};

function matching() {
  const active = Object.keys(tests).filter((name) => filter[name] !== '');
  const found = samples.filter((sample) => active.every((name) => tests[name](sample, filter[name])));
  const key = filter.sort.replace('-', ''),
    sign = filter.sort.startsWith('-') ? -1 : 1;
  if (filter.sort !== '')
    found.sort((a, b) => (isNumber(a[key]) ? 0 : 1) - (isNumber(b[key]) ? 0 : 1) || sign * (a[key] - b[key]) || 0);
  return found;
}

/* What one looks for first. */
const presets = [
  ['All', {}],
  ['What convinced most', {role: 'sneaky', verdict: 'wrong', stage: 'test', sort: '-score'}],
  ['Helpful, and wrong', {role: 'helpful', verdict: 'wrong', sort: '-score'}],
  ['Right, but not convincing', {verdict: 'correct', stage: 'test', sort: 'score'}],
  ['Right answer, steps not valid', {verdict: 'correct', steps: 'lucky'}],
  ['Wrong by one step', {role: 'sneaky', steps: 'one', sort: '-score'}],
];

const kept = ['role', 'round', 'stage', 'verdict', 'steps', 'min', 'max', 'text', 'problem', 'sort', 'by'];
function readAddress() {
  const address = new URLSearchParams(location.hash.replace(/^#samples&?/, ''));
  if (!location.hash.startsWith('#samples')) return;
  for (const name of kept) if (address.has(name)) filter[name] = address.get(name);
}
function writeAddress() {
  const address = new URLSearchParams(
    kept
      .filter((name) => filter[name] !== '' && !(name === 'by' && filter.by === 'own'))
      .map((name) => [name, filter[name]])
  );
  history.replaceState(null, '', '#samples' + (address.size !== 0 && String(address) !== '' ? '&' + address : ''));
}

function legend() {
  const any = samples.some((sample) => sample.verdicts);
  return el(
    'div',
    {class: 'legend'},
    any
      ? el(
          'span',
          {},
          'against ',
          el('span', {class: 'ramp', role: 'img', 'aria-label': 'from orange, against, to blue, for'}),
          " for: what a token adds to the verifier's score"
        )
      : null,
    samples.some((sample) => sample.oracle)
      ? el(
          'span',
          {},
          markElement('right'),
          'and ',
          markElement('arithmetic'),
          'what the step oracle says of the step before'
        )
      : null
  );
}

function browser(made) {
  const values = (name) => [
    ['', 'all'],
    ...[...new Set(samples.map((sample) => sample[name]))]
      .filter((value) => value !== undefined)
      .sort((a, b) => (isNumber(a) ? a - b : String(a).localeCompare(String(b))))
      .map((value) => [String(value), name === 'round' ? roundText(value) : String(value).replaceAll('_', ' ')]),
  ];
  const list = el('div', {class: 'samples', 'aria-live': 'off'}),
    count = el('span', {role: 'status'}),
    previous = el('button', {type: 'button', onclick: () => turn(-1)}, 'Back'),
    next = el('button', {type: 'button', onclick: () => turn(1)}, 'More');
  const inputs = new Map();
  let found = [];
  const show = () => {
    const from = filter.page * PER_PAGE;
    list.replaceChildren(...found.slice(from, from + PER_PAGE).map((sample) => sampleCard(sample)));
    count.textContent =
      found.length === 0
        ? 'No sample fits.'
        : whole(from + 1) +
          ' to ' +
          whole(Math.min(from + PER_PAGE, found.length)) +
          ' of ' +
          whole(found.length) +
          ' that fit';
    previous.disabled = filter.page === 0;
    next.disabled = from + PER_PAGE >= found.length;
  };
  const take = (preset) => {
    for (const name of Object.keys(tests).concat('sort')) filter[name] = preset[name] || '';
    for (const [name, input] of inputs) input.value = filter[name];
    refresh();
  };
  const refresh = (quiet) => {
    found = matching();
    filter.page = 0;
    if (quiet !== true) writeAddress();
    show();
  };
  const turn = (by) => {
    filter.page += by;
    show();
    made.scrollIntoView();
  };
  const pick = (label, name, options) => {
    const box = choice(label, options, filter[name], (value) => {
      filter[name] = value;
      refresh();
    });
    inputs.set(name, box.querySelector('select'));
    return box;
  };
  const field = (label, name, type) => {
    let waits = 0;
    const input = el('input', {
      type,
      step: 'any',
      value: filter[name],
      oninput: () => {
        filter[name] = input.value;
        clearTimeout(waits);
        waits = setTimeout(refresh, 150);
      },
    });
    inputs.set(name, input);
    return el('label', {}, label, input);
  };
  const steps = samples.some((sample) => sample.oracle),
    able = presets.filter(
      ([, preset]) =>
        (steps || !preset.steps) && (!preset.role || samples.some((sample) => sample.role === preset.role))
    );
  made.append(
    el(
      'div',
      {class: 'chips presets'},
      able.map(([name, preset]) => el('button', {type: 'button', onclick: () => take(preset)}, name))
    ),
    el(
      'div',
      {class: 'card'},
      el(
        'div',
        {class: 'filters'},
        pick('Role', 'role', values('role')),
        pick('Round', 'round', values('round')),
        pick('Verdict', 'verdict', values('verdict')),
        pick('Stage', 'stage', values('stage')),
        steps
          ? pick('Steps', 'steps', [
              ['', 'all'],
              ['error', 'with a wrong step'],
              ['one', 'wrong by one step'],
              ['lucky', 'right answer, steps not valid'],
              ['shown', 'all shown and valid'],
            ])
          : null,
        field('Score from', 'min', 'number'),
        field('to', 'max', 'number'),
        field('Contains', 'text', 'search'),
        field('Problem', 'problem', 'search'),
        pick('Sort by', 'sort', [
          ['', 'order of the run'],
          ['-score', 'score, highest'],
          ['score', 'score, lowest'],
          ['-reward', 'reward, highest'],
          ['-tokens', 'length, longest'],
        ]),
        samples.some((sample) => (sample.verdicts || []).length > 1)
          ? pick('Coloured by', 'by', [
              ['own', 'verifier of the round'],
              ['last', 'newest verifier'],
            ])
          : null
      ),
      el(
        'p',
        {class: 'last'},
        el(
          'label',
          {class: 'check'},
          el('input', {
            type: 'checkbox',
            onchange: (event) => {
              filter.figures = event.target.checked;
              show();
            },
          }),
          "write each token's part of the score below it"
        )
      )
    ),
    el('div', {class: 'found'}, count, legend(), el('div', {class: 'chips'}, previous, next)),
    list
  );
  refresh(true);
  if (/[#&]side=1(&|$)/.test(location.hash) && found.length > 0) compare(found[0]);
}

function sampleSection() {
  if (samples.length === 0) return;
  readAddress();
  const told = shown.sampled || {total: samples.length, kept: samples.length};
  const lead =
    (shown.part ? 'Of the run ' + shown.name + '. ' : '') +
    (told.kept < told.total
      ? whole(told.kept) +
        ' of ' +
        plural(told.total, 'sample') +
        ' are in this file, those of the tests first (the same problems in every round and role), the others evenly spaced; pvgame report --samples N takes more.'
      : 'All ' + plural(told.total, 'sample') + ' of the run.') +
    (told.broken ? ' ' + plural(told.broken, 'line') + " of the samples' file could not be read." : '');
  browser(section('samples', 'Samples', lead));
}
