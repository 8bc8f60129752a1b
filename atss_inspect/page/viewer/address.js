/* The state in the address. */
"use strict";

/** Read `#viewer:image=42&k=9` into texts; null if the fragment is not ours. */
function readFragment(id) {
  const start = `#${id}:`;
  if (!location.hash.startsWith(start)) return null;
  return new URLSearchParams(location.hash.slice(start.length));
}

function writeFragment(id, values) {
  const fragment = `#${id}:${new URLSearchParams(values)}`;
  try {
    history.replaceState(null, "", fragment);
  } catch {
    location.replace(fragment);
  }
}
