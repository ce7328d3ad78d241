"""Spell out the folders of the navigation, so that a new page needs no entry of its own."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace each `folder/` of the navigation by the pages in it, `index.md` first."""
    root = Path(config.docs_dir)
    config.nav = [
        {title: _pages(root, target) if target.endswith("/") else target}
        for entry in config.nav or []
        for title, target in entry.items()
    ]
    return config


def _pages(root: Path, folder: str) -> list[str]:
    pages = sorted((root / folder).glob("*.md"), key=lambda page: (page.name != "index.md", page.name))
    return [page.relative_to(root).as_posix() for page in pages]
