// One's own entries that wait: the box follows what is decided about them.
import { fetchFragment } from "./http.js"
import { listen } from "./live.js"

listen({
  "entry.state": ({ entry_id, post_id, state }) => (state === "published" ? leave(entry_id) : renew(entry_id, post_id)),
  "post.created": ({ post_id }) => leave(post_id),
  "comment.created": ({ comment_id }) => leave(comment_id),
})

const box = (id) => document.getElementById(`held-${id}`)

function leave(id) { box(id)?.remove() }

async function renew(id, post) {
  if (!box(id)) return
  const kind = id === post ? "posts" : "comments"
  const fresh = await fetchFragment(`/${kind}/${id}/held`).catch((problem) => (problem.status === 404 ? "" : null))
  if (fresh === null) return
  if (fresh) box(id)?.replaceWith(fresh)
  else leave(id)
}
