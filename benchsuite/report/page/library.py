"""The script that draws charts: Vega, Vega-Lite and vega-embed (BSD-3-Clause), bundled by vl-convert."""

from __future__ import annotations

import hashlib
import importlib.metadata

from benchsuite import cache

_VEGA_LITE = "6.4"
# All that the page uses of it. vega-embed carries the interpreter of expressions, without which they are compiled at
# run time, and that would need a content security policy that lets strings run as script.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


def script() -> str:
    """Source that sets `vegaEmbed`, fit for an element of HTML; bundled once for each version of the package."""
    version = importlib.metadata.version("vl-convert-python")
    key = hashlib.sha256(f"{version} {_VEGA_LITE} {_SNIPPET}".encode()).hexdigest()[:16]
    path = cache.folder("vega") / f"{key}.js"
    found = cache.load(path)
    if found is None:
        import vl_convert

        # Within a string or an expression of JavaScript the backslash changes nothing; in HTML it ends no element.
        made = vl_convert.javascript_bundle(_SNIPPET, vl_version=_VEGA_LITE).replace("</script", "<\\/script")
        found = made.encode()
        cache.store(path, found)
    return found.decode()
