"""How the pages look: fonts of the reader's own system, colours for light and dark, and a layout that fits a phone.

Rules: nothing here is loaded from anywhere. Colours of states come from `agentkit.screens`, and nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, TypedDict

from gradio.themes import Base
from gradio.themes.utils import colors, sizes

from .untyped import themed

__all__ = ["Looks", "Theme", "looks"]

Theme: TypeAlias = Literal["auto", "light", "dark"]

_SANS: Final = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
_MONO: Final = ("ui-monospace", "SFMono-Regular", "Consolas", "Liberation Mono", "monospace")


class Looks(TypedDict):
    """What `launch` and `mount_gradio_app` take of it."""

    theme: Base
    css: str
    head: str
    footer_links: list[str]
    run_history: bool
    ssr_mode: bool


def looks(theme: Theme = "auto") -> Looks:
    """How the pages look, for `gradio_app(...).launch(**looks())`.

    Args:
        theme: Which colours; `auto` follows the reader.

    Example:
        >>> sorted(looks())
        ['css', 'footer_links', 'head', 'run_history', 'ssr_mode', 'theme']
    """
    return {
        "theme": _theme(),
        "css": _CSS,
        "head": _HEAD if theme == "auto" else _HEAD + _THEMED % str(theme == "dark").lower(),
        "footer_links": [],
        # It would keep what was filled in, and what came out, in the browser.
        "run_history": False,
        "ssr_mode": False,
    }


def _theme() -> Base:
    theme = Base(
        primary_hue=colors.blue,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_md,
        font=list(_SANS),
        font_mono=list(_MONO),
    )
    return themed(
        theme,
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="white",
        button_primary_text_color_dark="white",
        button_cancel_background_fill="#b42318",
        button_cancel_background_fill_dark="#b42318",
        button_cancel_background_fill_hover="#912018",
        button_cancel_background_fill_hover_dark="#912018",
        button_cancel_text_color="white",
        button_cancel_text_color_dark="white",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        input_border_color="*neutral_400",
        input_border_color_dark="*neutral_500",
    )


# Back and forward go to the page of another run.
_HEAD: Final = """<meta name="referrer" content="no-referrer">
<script>addEventListener("popstate", () => location.reload());</script>"""
# Gradio has chosen as the system of the reader does when it puts this into the page, and does so whenever that changes.
_THEMED: Final = """
<script>{
  const hold = () => document.body.classList.contains("dark") === %s || document.body.classList.toggle("dark");
  new MutationObserver(hold).observe(document.body, {attributes: true, attributeFilter: ["class"]});
  hold();
}</script>"""

_CSS: Final = """
.gradio-container { width: 100% !important; max-width: 960px !important; margin-inline: auto !important; }
.gradio-container .main.app { padding-inline: clamp(0.75rem, 3vw, 2rem) !important; }
.block:has(> .html-container > .prose:empty) { display: none !important; }
button[role="tab"].selected { color: var(--primary-700) !important; }
.dark button[role="tab"].selected { color: var(--primary-300) !important; }
.ak-page { color: var(--body-text-color); overflow-wrap: anywhere; font-size: 1rem; line-height: 1.5; }
.ak-page h1 { font-size: 1.6rem; margin: 0; line-height: 1.25; }
.ak-page h2 { font-size: 1.15rem; margin: 0.5rem 0; }
.ak-page p { margin: 0.25rem 0; }
.ak-page a { padding: 0 !important; margin: 0 !important; color: var(--primary-700); text-decoration: underline; }
.dark .ak-page a { padding: 0 !important; margin: 0 !important; color: var(--primary-300); }
.ak-page code { font-family: var(--font-mono); font-size: 0.9em; }
.ak-page pre { white-space: pre-wrap; font-family: var(--font-mono); margin: 0.25rem 0; max-height: 30rem;
  overflow: auto; }
.html-container:has(> .prose > .ak-page) { padding: 0 !important; }
.column:has(> .wrap:only-child) { display: none; }
.block:has(.ak-error), .block:has(.ak-help) { margin-top: -0.6rem; }
.ak-help, .ak-error { padding-inline: 0.75rem; }
.ak-scroll tr { border: 0 !important; }
.ak-quiet { color: var(--body-text-color-subdued); font-size: 0.9rem; }
.ak-row { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: center; }
.ak-between { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; justify-content: space-between;
  align-items: center; }
.ak-badge { display: inline-flex; gap: 0.35em; align-items: center; border-radius: 999px; padding: 0.05em 0.7em;
  font-weight: 600; font-size: 0.9rem; white-space: nowrap; color: var(--ink); background: var(--fill); }
.dark .ak-badge { color: var(--ink-dark); background: var(--fill-dark); }
.ak-bar { height: 0.6rem; border-radius: 999px; overflow: hidden; background: var(--neutral-300); margin: 0.5rem 0; }
.dark .ak-bar { background: var(--neutral-700); }
.ak-bar > div { height: 100%; background: var(--primary-600); transition: width 0.3s; }
.ak-bar.ak-thin { height: 0.35rem; margin: 0.2rem 0 0; min-width: 5rem; }
@media (prefers-reduced-motion: reduce) { .ak-bar > div { transition: none; } }
.ak-scroll { overflow-x: auto; border: 1px solid var(--border-color-primary); border-radius: var(--radius-md); }
.ak-scroll table { width: 100%; border-collapse: collapse; font-size: 0.92rem;
  margin: 0; border: 0 !important; }
.ak-scroll caption { text-align: left; padding: 0.4rem 0.6rem; font-weight: 600; }
.ak-scroll th, .ak-scroll td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border: 0;
  overflow-wrap: break-word;
  border-top: 1px solid var(--border-color-primary); }
.ak-scroll thead th { border-top: 0; font-weight: 600; color: var(--body-text-color-subdued); white-space: nowrap; }
.ak-scroll .ak-figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ak-say { border: 1px solid var(--border-color-primary); border-inline-start: 4px solid var(--primary-600);
  border-radius: var(--radius-md); padding: 0.6rem 0.9rem; margin: 0.5rem 0; background: var(--block-background-fill); }
.ak-say.ak-bad { border-inline-start-color: #b42318; }
.ak-say.ak-ask { border-inline-start-color: #b54708; }
.ak-error { color: #b42318; font-size: 0.92rem; font-weight: 600; margin: 0.15rem 0 0.35rem; }
.dark .ak-error { color: #fda29b; }
.ak-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
  gap: 0.75rem; margin: 0.75rem 0; }
.ak-card { border: 1px solid var(--border-color-primary); border-radius: var(--radius-md); padding: 0.75rem 0.9rem; }
.ak-amount { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.ak-page dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: 0.25rem 1rem;
  margin: 0.5rem 0; }
.ak-page dt { color: var(--body-text-color-subdued); } .ak-page dd { margin: 0; }
@media (max-width: 640px) {
  .ak-stages thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .ak-stages table, .ak-stages tbody, .ak-stages tr, .ak-stages td, .ak-stages th { display: block; }
  .ak-stages tr { padding: 0.5rem 0.6rem; border-top: 1px solid var(--border-color-primary) !important; }
  .ak-stages tbody tr:first-child { border-top: 0 !important; }
  .ak-stages td[data-label]:not(:empty)::before { content: attr(data-label) ": ";
  color: var(--body-text-color-subdued); }
  .ak-stages td, .ak-stages tbody th { border: 0; padding: 0.1rem 0; }
  .ak-stages .ak-figure { text-align: left; }
  .ak-page dl { grid-template-columns: 1fr; } .ak-page dd { margin-bottom: 0.4rem; }
}
"""
