"""Make patches of drafts: code with the tests and documentation that go with it, best first, no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.codebase.changes import diff
from bot.fixing.merge import merge_edits
from bot.model import Diagnosis, Draft, FileEdit, Patch, PatchKind
from bot.model.base import fingerprint

MOST = 5  # patches of one cause: what the sequence allows to be proven


def _before(files: Mapping[str, str], edits: Iterable[FileEdit]) -> dict[str, str | None]:
    return {edit.path: files.get(edit.path) for edit in edits}


def joined(
    files: Mapping[str, str], draft: Draft, companions: Iterable[Draft]
) -> tuple[tuple[FileEdit, ...], dict[str, PatchKind]]:
    """Return the edits of a draft with those of the companions that do not contradict it, and each path's kind."""
    edits = draft.edits
    kinds: dict[str, PatchKind] = {edit.path: draft.kind for edit in edits}
    for companion in companions:
        merged = merge_edits(_before(files, (*edits, *companion.edits)), edits, companion.edits)
        if merged is None:
            continue
        edits = merged
        for edit in companion.edits:
            kinds.setdefault(edit.path, companion.kind)
    return edits, kinds


def patch_of(diagnosis: Diagnosis, files: Mapping[str, str], draft: Draft, companions: Iterable[Draft]) -> Patch | None:
    """Return the patch of a draft and its companions, or None when nothing differs from the files."""
    edits, kinds = joined(files, draft, companions)
    edits = tuple(edit for edit in edits if edit.text != files.get(edit.path))
    text = diff(_before(files, edits), {edit.path: edit.text for edit in edits})
    if not text:
        return None
    return Patch(
        id=fingerprint(diagnosis.anomaly_id, text, length=12),
        anomaly_id=diagnosis.anomaly_id,
        type=diagnosis.type,
        strategy=draft.strategy,
        trust=draft.trust,
        touches=draft.touches,
        title=draft.title,
        why=draft.why,
        confidence=draft.confidence,
        edits=edits,
        kinds={edit.path: kinds[edit.path] for edit in edits},
        diff=text,
        files=tuple(sorted(edit.path for edit in edits)),
        alternatives=draft.alternatives,
        abstained=draft.abstained,
        told_apart_by=draft.told_apart_by,
    )


def ranked(patches: Iterable[Patch]) -> tuple[Patch, ...]:
    """Return the best of the patches, each change once: sure before unsure, then small before large."""
    different: dict[str, Patch] = {}
    for patch in patches:
        known = different.get(patch.diff)
        if known is None or patch.confidence > known.confidence:
            different[patch.diff] = patch
    return tuple(sorted(different.values(), key=lambda p: (p.abstained, -round(p.confidence, 2), len(p.diff))))[:MOST]
