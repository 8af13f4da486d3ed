/* 2-charts.js - figures: line and scatter charts by Chart.js, heat maps as tables; each with its numbers as text. */
'use strict';

const drawn = []; /* {chart, paint}: painted again when the scheme changes */
const colour = (name) =>
  getComputedStyle(document.documentElement)
    .getPropertyValue('--' + name)
    .trim();
const palette = ['helpful', 'sneaky', 'other', 'verifier', 'fifth', 'sixth', 'base'];
const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot', 'line'];
const transparent = (hex, share) =>
  hex +
  Math.round(255 * share)
    .toString(16)
    .padStart(2, '0');

if (window.Chart) {
  Chart.defaults.font.family = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.plugins.legend.position = 'bottom';
  Chart.defaults.plugins.legend.labels.usePointStyle = true;
  Chart.defaults.plugins.legend.labels.boxHeight = 7;
  Chart.defaults.plugins.tooltip.boxPadding = 4;
}

/* Intervals as whiskers, reference lines, and lines between rounds. */
const extras = {
  id: 'extras',
  beforeDatasetsDraw(chart) {
    const {ctx, scales, chartArea: area} = chart,
      own = chart.options.extras || {};
    ctx.save();
    ctx.setLineDash([4, 4]);
    ctx.strokeStyle = colour('base');
    ctx.fillStyle = colour('soft');
    ctx.font = '11px system-ui, sans-serif';
    for (const line of own.levels || []) {
      const y = scales.y.getPixelForValue(line.at);
      if (y < area.top || y > area.bottom) continue;
      ctx.beginPath();
      ctx.moveTo(area.left, y);
      ctx.lineTo(area.right, y);
      ctx.stroke();
      ctx.fillText(line.label, area.left + 4, y - 4);
    }
    for (const line of own.walls || []) {
      const x = scales.x.getPixelForValue(line.at);
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      ctx.fillText(line.label, x + 4, area.top + 11);
    }
    ctx.restore();
  },
  afterDatasetsDraw(chart) {
    const {ctx, scales} = chart;
    chart.data.datasets.forEach((set, at) => {
      if (!chart.isDatasetVisible(at)) return;
      const meta = chart.getDatasetMeta(at);
      ctx.save();
      ctx.strokeStyle = set.borderColor;
      ctx.lineWidth = 1.5;
      set.data.forEach((point, i) => {
        if (!point || !meta.data[i]) return;
        const {x, y} = meta.data[i].getProps(['x', 'y'], true);
        const whisker = (low, high, along) => {
          if (!isNumber(low) || !isNumber(high)) return;
          const a = along.getPixelForValue(low),
            b = along.getPixelForValue(high);
          ctx.beginPath();
          if (along === scales.y) {
            ctx.moveTo(x, a);
            ctx.lineTo(x, b);
            ctx.moveTo(x - 3, a);
            ctx.lineTo(x + 3, a);
            ctx.moveTo(x - 3, b);
            ctx.lineTo(x + 3, b);
          } else {
            ctx.moveTo(a, y);
            ctx.lineTo(b, y);
            ctx.moveTo(a, y - 3);
            ctx.lineTo(a, y + 3);
            ctx.moveTo(b, y - 3);
            ctx.lineTo(b, y + 3);
          }
          ctx.stroke();
        };
        whisker(point.low, point.high, scales.y);
        whisker(point.xlow, point.xhigh, scales.x);
      });
      ctx.restore();
    });
  },
};

function paint(chart, plan) {
  const line = colour('line'),
    soft = colour('soft');
  plan.series.forEach((series, i) => {
    const set = chart.data.datasets[i],
      main = colour(series.colour || palette[i % palette.length]);
    set.borderColor = main;
    set.backgroundColor = set.data.map((point) => (point && point.open ? colour('card') : main));
    set.pointBorderColor = main;
    set.pointBackgroundColor = set.backgroundColor;
  });
  for (const scale of Object.values(chart.options.scales)) {
    scale.grid.color = line;
    scale.grid.borderColor = line;
    scale.ticks.color = soft;
    scale.title.color = soft;
  }
  chart.options.plugins.legend.labels.color = colour('ink');
  chart.update('none');
}

function tip(context) {
  const point = context.raw,
    name = context.dataset.label;
  const range =
    isNumber(point.low) && isNumber(point.high) ? ' (' + digits(point.low) + ' to ' + digits(point.high) + ')' : '';
  const x = isNumber(point.xlow)
    ? digits(point.x) + ' (' + digits(point.xlow) + ' to ' + digits(point.xhigh) + '), '
    : '';
  return (point.note ? plain(point.note) + ': ' : name + ': ') + x + (point.open ? '≥ ' : '') + digits(point.y) + range;
}

function optionsOf(plan) {
  const axis = (name, text, more) => ({title: {display: Boolean(text), text}, grid: {}, ticks: {}, ...more});
  const ticks = plan.counts
    ? {callback: (value) => whole(value)}
    : plan.names
      ? {stepSize: 1, autoSkip: true, callback: (value) => plan.names.get(value) || ''}
      : {maxTicksLimit: 8};
  return {
    interaction: {mode: plan.scatter ? 'nearest' : 'x', intersect: Boolean(plan.scatter)},
    extras: {levels: plan.levels, walls: plan.walls},
    scales: {
      x: axis('x', plan.x, {
        type: plan.counts ? 'logarithmic' : 'linear',
        afterBuildTicks:
          plan.counts &&
          ((axis) => {
            axis.ticks = plan.counts.map((value) => ({value}));
          }),
        offset: Boolean(plan.names),
        ticks,
        min: plan.xMin,
        max: plan.xMax,
      }),
      y: axis('y', plan.y, {suggestedMin: plan.min, suggestedMax: plan.max, ticks: {maxTicksLimit: 7}}),
    },
    plugins: {
      legend: {display: plan.series.length > 1, labels: {}},
      tooltip: {
        callbacks: {
          title: (items) =>
            plan.scatter || !items.length
              ? ''
              : (plan.x || '') + ' ' + (plan.names ? plan.names.get(items[0].raw.x) : digits(items[0].raw.x)),
          label: tip,
        },
      },
    },
  };
}

function draw(canvas, plan) {
  const many = plan.dense || plan.series.some((series) => series.points.length > 60);
  const chart = new Chart(canvas, {
    type: plan.scatter ? 'scatter' : 'line',
    plugins: [extras],
    options: optionsOf(plan),
    data: {
      datasets: plan.series.map((series, i) => ({
        label: plain(series.name),
        data: series.points,
        hidden: series.hidden,
        borderWidth: 2,
        borderDash: series.dash ? [6, 4] : [],
        parsing: false,
        spanGaps: true,
        pointRadius: many ? 0 : 4,
        pointHoverRadius: many ? 3 : 6,
        pointStyle: shapes[i % shapes.length],
        showLine: !plan.scatter || Boolean(series.trail),
        tension: 0,
      })),
    },
  });
  paint(chart, plan);
  drawn.push({chart, plan});
  return chart;
}

function pointText(point, plan) {
  const range =
    isNumber(point.low) && isNumber(point.high) ? ' (' + digits(point.low) + ' to ' + digits(point.high) + ')' : '';
  return (point.open ? '≥ ' : '') + digits(point.y) + range;
}

/* The same numbers as a table, made when it is opened. */
function dataOf(plan) {
  const box = el(
    'details',
    {
      class: 'figure-data',
      ontoggle: () => {
        if (!box.open || box.querySelector('table')) return;
        const rows = plan.series.flatMap((series) =>
          series.points
            .filter((p) => p && isNumber(p.y))
            .slice(0, 500)
            .map((p) =>
              el(
                'tr',
                {},
                el('th', {scope: 'row'}, p.note || series.name),
                el('td', {}, plan.names ? plan.names.get(p.x) : digits(p.x)),
                el('td', {}, pointText(p, plan))
              )
            )
        );
        box.append(
          el(
            'div',
            {class: 'scroll'},
            el(
              'table',
              {},
              el(
                'thead',
                {},
                el(
                  'tr',
                  {},
                  [' ', plan.x || 'x', plan.y || 'value'].map((text) => el('th', {scope: 'col'}, text))
                )
              ),
              el('tbody', {}, rows)
            )
          )
        );
      },
    },
    el('summary', {}, 'Numbers')
  );
  return box;
}

const waiting =
  'IntersectionObserver' in window
    ? new IntersectionObserver(
        (entries) => {
          for (const entry of entries) {
            if (!entry.isIntersecting) continue;
            waiting.unobserve(entry.target);
            entry.target.begin();
          }
        },
        {rootMargin: '600px'}
      )
    : null;

/* plan: {title, note, x, y, names, doubling (of x), dense, levels, walls, min, max, scatter, series: [{name, colour, dash, hidden, points: [{x, y, low, high,
 * open, note}]}]}. Drawn when it comes near the screen. NULL when there is nothing to draw. */
function figure(plan) {
  plan.series = plan.series.filter((series) => series.points.some((point) => point && isNumber(point.y)));
  if (plan.series.length === 0 || !window.Chart) return null;
  if (plan.doubling)
    plan.counts = [...new Set(plan.series.flatMap((series) => series.points.map((point) => point.x)))]
      .filter((n) => n > 0)
      .sort((a, b) => a - b);
  const canvas = el('canvas', {role: 'img', 'aria-label': plan.title + '. The numbers follow as a table.'});
  const plot = el('div', {class: 'plot'}, canvas);
  const made = el(
    'figure',
    {class: 'card'},
    el('figcaption', {}, el('h3', {}, plan.title), plan.note ? el('p', {}, plan.note) : null, plan.control),
    plot,
    dataOf(plan)
  );
  plot.begin = () => draw(canvas, plan);
  if (waiting) waiting.observe(plot);
  else setTimeout(plot.begin);
  return made;
}

/* ---- heat maps ---- */

/* A cell's ground: from the colour `low` at or below `from` through none at `middle` to `high` at or above `to`. */
function ground(value, [from, middle, to]) {
  if (!isNumber(value)) return '';
  const up = value >= middle,
    width = up ? to - middle : middle - from;
  const strength = width > 0 ? Math.min(1, Math.abs(value - middle) / width) : 0;
  return 'rgba(' + colour(up ? 'high' : 'low') + ', ' + (0.55 * strength).toFixed(3) + ')';
}

function heatMap(caption, cells, rows, columns, scale, corner) {
  const body = cells.map((line, r) =>
    el(
      'tr',
      {},
      el('th', {scope: 'row'}, rows[r]),
      line.map((value) => {
        const cell = el('td', {'data-value': isNumber(value) ? String(value) : ''}, digits(value));
        cell.style.backgroundColor = ground(value, scale);
        cell.dataset.scale = scale.join(' ');
        return cell;
      })
    )
  );
  return el(
    'div',
    {class: 'scroll'},
    el(
      'table',
      {class: 'heat'},
      el('caption', {class: 'soft small'}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', {}, corner || ''),
          columns.map((name) => el('th', {scope: 'col'}, name))
        )
      ),
      el('tbody', {}, body)
    )
  );
}

function repaint() {
  for (const {chart, plan} of drawn) paint(chart, plan);
  for (const cell of document.querySelectorAll('.heat td[data-scale]'))
    cell.style.backgroundColor =
      cell.dataset.value === '' ? '' : ground(Number(cell.dataset.value), cell.dataset.scale.split(' ').map(Number));
}
