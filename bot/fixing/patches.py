"""Make patches of drafts: code with the tests and documentation that go with it, best first, no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.codebase.changes import diff
from bot.fixing.merge import merge_edits
from bot.model import TRUSTS, Diagnosis, Draft, FileEdit, Patch, PatchKind
from bot.model.base import fingerprint

MOST = 5  # patches of one cause: what the sequence allows to be proven


def _before(files: Mapping[str, str], edits: Iterable[FileEdit]) -> dict[str, str | None]:
    return {edit.path: files.get(edit.path) for edit in edits}


def joined(files: Mapping[str, str], draft: Draft, companions: Iterable[Draft]) -> Draft:
    """Return a draft with the edits of the companions that do not contradict it, as trusted as the least of them."""
    edits, trust = draft.edits, draft.trust
    for companion in companions:
        merged = merge_edits(_before(files, (*edits, *companion.edits)), edits, companion.edits)
        if merged is not None:
            edits, trust = merged, max(trust, companion.trust, key=TRUSTS.index)
    return draft.model_copy(update={"edits": edits, "trust": trust})


def _kinds(draft: Draft, companions: Iterable[Draft]) -> dict[str, PatchKind]:
    """Return the kind of each path: that of the first draft which touches it."""
    kinds: dict[str, PatchKind] = {}
    for one in (draft, *companions):
        for edit in one.edits:
            kinds.setdefault(edit.path, one.kind)
    return kinds


def patch_of(diagnosis: Diagnosis, files: Mapping[str, str], draft: Draft, companions: Sequence[Draft]) -> Patch | None:
    """Return the patch of a draft and its companions, or None when nothing differs from the files."""
    whole = joined(files, draft, companions)
    edits = tuple(edit for edit in whole.edits if edit.text != files.get(edit.path))
    text = diff(_before(files, edits), {edit.path: edit.text for edit in edits})
    if not text:
        return None
    kinds = _kinds(draft, companions)
    return Patch(
        id=fingerprint(diagnosis.anomaly_id, text, length=12),
        anomaly_id=diagnosis.anomaly_id,
        type=diagnosis.type,
        strategy=draft.strategy,
        trust=whole.trust,
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
        runner_up=draft.runner_up,
    )


def ranked(patches: Iterable[Patch]) -> tuple[Patch, ...]:
    """Return the best of the patches, each change once: sure before unsure, then small before large."""
    different: dict[str, Patch] = {}
    for patch in patches:
        known = different.get(patch.diff)
        if known is None or patch.confidence > known.confidence:
            different[patch.diff] = patch
    return tuple(sorted(different.values(), key=lambda p: (p.abstained, -round(p.confidence, 2), len(p.diff))))[:MOST]
