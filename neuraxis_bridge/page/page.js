// Shows what /ui/state says, once a second. The key stays in this variable: it is written neither
// into an address nor into any storage, and is gone when the page is.
"use strict";

let key = "";
let timer = 0;
const $ = (id) => document.getElementById(id);
const PERIOD_MS = 1000;

// Whatever an upstream or a robot wrote only ever becomes text.
function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const shown = (value) => (value === null || value === undefined ? "–" : String(value));
const age = (s) => (s < 90 ? `${Math.round(s)} s ago` : `${Math.round(s / 60)} min ago`);
const rounded = (ms) => (ms === null ? "–" : ms < 10 ? ms.toFixed(1) : Math.round(ms));

function health(text, good) {
  $("health").textContent = text;
  $("health").className = good ? "good" : "bad";
}

function drawChart(series) {
  const [left, right, top, bottom] = [60, 712, 10, 136];
  const most = Math.max(1, ...series.map((row) => row.p99_ms || 0));
  const step = 10 ** Math.floor(Math.log10(most));
  const high = Math.ceil(most / step) * step;
  const x = (k) => left + ((right - left) * k) / Math.max(1, series.length - 1);
  const y = (ms) => bottom - ((bottom - top) * ms) / high;
  const parts = [];
  for (const share of [0, 0.5, 1]) {
    const at = y(high * share);
    parts.push(svg("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }));
    parts.push(svg("text", { x: left - 6, y: at + 4, "text-anchor": "end" },
      `${Math.round(high * share)} ms`));
  }
  parts.push(svg("text", { x: left, y: 154 }, "2 min ago"));
  parts.push(svg("text", { x: right, y: 154, "text-anchor": "end" }, "now"));
  for (const name of ["p99", "p50"]) {
    let path = "";
    let pen = "M";
    series.forEach((row, k) => {
      const ms = row[`${name}_ms`];
      if (ms === null) { pen = "M"; return; }
      // A lone point is drawn as a short line, so that it can be seen.
      path += `${pen}${x(k)} ${y(ms)}` + (pen === "M" ? "h0.01" : "");
      pen = "L";
    });
    parts.push(svg("path", { class: name, d: path || "M0 0", "stroke-linecap": "round" }));
  }
  $("chart").replaceChildren(...parts);
}

function showPlans(plans) {
  $("no-plans").hidden = plans.length > 0;
  $("plans").replaceChildren(...plans.map((plan) => {
    const row = element("li", "", plan.kind);
    const lines = plan.lines.length ? plan.lines.join("\n") : "an answer that is no plan";
    row.append(element("div", lines, "what"));
    row.append(element("div", `${plan.robot}, ${age(plan.age_s)}, ${rounded(plan.ms)} ms, ` +
      `trace ${plan.trace_id}`, "quiet"));
    return row;
  }));
}

function showRobots(robots) {
  $("robots").replaceChildren(...robots.map((robot) => {
    const row = document.createElement("tr");
    row.append(element("td", robot.name), element("td", robot.asked),
      element("td", robot.answered),
      element("td", robot.last_code, robot.last_code === "ok" ? "ok" : "not-ok"),
      element("td", `${rounded(robot.last_ms)} ms`), element("td", age(robot.age_s)));
    return row;
  }));
}

function show(state) {
  const { queue, latency } = state;
  $("waiting").textContent = `${queue.waiting} / ${queue.most}`;
  $("busy").textContent = `${queue.busy} / ${queue.workers}`;
  $("p50").textContent = rounded(latency.total.p50_ms);
  $("p99").textContent = rounded(latency.total.p99_ms);
  $("robot-count").textContent = state.robots.length;
  const all = Object.values(state.codes).reduce((sum, count) => sum + count, 0);
  $("refused").textContent = all - (state.codes.ok || 0);
  $("stages").textContent = ["wait", "model"].map((name) =>
    `${name} p50 ${shown(latency[name].p50_ms)} ms`).join(" · ");
  drawChart(state.series);
  showPlans(state.plans);
  showRobots(state.robots);
  health(state.ready ? "ready" : `not ready: ${state.problem}`, state.ready);
}

async function look() {
  clearTimeout(timer);
  try {
    const headers = key ? { authorization: `Bearer ${key}` } : {};
    const answer = await fetch("/ui/state", { headers, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) {
      $("door-problem").textContent = key ? (await answer.json()).error.message : "";
      $("door").hidden = false;
      $("board").hidden = true;
      health("needs a key", false);
      return;
    }
    if (!answer.ok) throw new Error(`the gateway says ${answer.status}`);
    show(await answer.json());
    $("door").hidden = true;
    $("board").hidden = false;
  } catch (problem) {
    health(problem instanceof TypeError ? "the gateway cannot be reached" : problem.message, false);
  }
  timer = setTimeout(look, PERIOD_MS);
}

$("door").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("key").value.trim();
  $("key").value = "";
  look();
});

look();
