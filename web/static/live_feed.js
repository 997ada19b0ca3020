// Where people are, asked for every few seconds: who moved since the last answer, and once a minute all of them, as a
// shift ends without anybody moving. Nothing is asked while nobody looks.

const EVERY_MS = 5000;
const ALL_EVERY_MS = 60000;
const PATIENCE_MS = 15000;
const LONGEST_WAIT_MS = 60000;

// Calls `took(positions, isAll, skew)` with what was answered and by how much the server's clock is ahead of ours,
// `away(isAway)` when the server stops or begins to answer, and `refused(sentence)` when it will not.
export function follow(url, { took, away, refused }) {
  let cursor = null;
  let allAt = 0;
  let wait = EVERY_MS;
  let timer = null;
  let isAsking = false;

  async function ask() {
    clearTimeout(timer);
    if (isAsking || document.hidden) return;
    isAsking = true;
    const isAll = cursor === null || Date.now() - allAt >= ALL_EVERY_MS;
    const answer = await look(url, isAll ? null : cursor);
    isAsking = false;
    if (answer !== null && answer.status >= 400 && isAll) return refused(answer.said.title);
    if (answer === null) wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    else take(answer, isAll);
    away(answer === null);
    timer = setTimeout(ask, wait);
  }

  function take({ status, said }, isAll) {
    wait = EVERY_MS;
    if (status === 304) return;
    cursor = status === 200 ? said.cursor : null; // a cursor that is refused is of a server that was set up anew
    if (status !== 200) return;
    if (isAll) allAt = Date.now();
    took(said.positions, isAll, Date.parse(said.now) - Date.now());
  }

  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  ask();
}

// What the server answers; null when it does not, or is not itself.
async function look(url, cursor) {
  const asked = new URL(url, location.href);
  if (cursor !== null) asked.searchParams.set("since", cursor);
  try {
    const answer = await fetch(asked, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 304) return { status: 304 };
    return answer.status < 500 ? { status: answer.status, said: await answer.json() } : null;
  } catch {
    return null;
  }
}
