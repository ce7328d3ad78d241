"""The audit trail: entries in a chain of hashes that an outsider can verify, and nobody can change unseen.

Rules: what an entry says is canonical JSON, and no float is in it; a chain shows every change but a missing end, and a
checkpoint shows that too; what verifies is one file that needs the standard library alone. Pure, but for `sinks`.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .checkpoints import Verification as Verification
    from .checkpoints import read_checkpoints as read_checkpoints
    from .checkpoints import read_key as read_key
    from .checkpoints import verify_entries as verify_entries
    from .entries import AuditEntry as AuditEntry
    from .exports import csv_rows as csv_rows
    from .packs import Evidence as Evidence
    from .packs import PackDocument as PackDocument
    from .packs import verify_evidence as verify_evidence
    from .packs import write_pack as write_pack
    from .ports import AuditSink as AuditSink
    from .ports import Clock as Clock
    from .ports import Disclosures as Disclosures
    from .proofs import ConsistencyProof as ConsistencyProof
    from .proofs import InclusionProof as InclusionProof
    from .replay import Calculation as Calculation
    from .replay import Deviation as Deviation
    from .replay import Replay as Replay
    from .signing import Ed25519Signer as Ed25519Signer
    from .signing import HmacSigner as HmacSigner
    from .signing import Signer as Signer
    from .signing import read_signer as read_signer
    from .sinks import FileDisclosures as FileDisclosures
    from .sinks import JsonLinesSink as JsonLinesSink
    from .sinks import MemoryDisclosures as MemoryDisclosures
    from .sinks import MemorySink as MemorySink
    from .sinks import SqliteSink as SqliteSink
    from .sinks import read_lines as read_lines
    from .sinks import verifier_text as verifier_text
    from .sinks import write_whole as write_whole
    from .trail import AuditTrail as AuditTrail
    from .verifier import Checkpoint as Checkpoint
    from .verifier import Key as Key
    from .verifier import PackManifest as PackManifest
    from .verifier import PackMember as PackMember
    from .verifier import SignatureState as SignatureState
    from .writing import AuditValue as AuditValue
    from .writing import HasWireForm as HasWireForm
    from .writing import Personal as Personal
    from .writing import canonical_json as canonical_json
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "checkpoints": ("Verification", "read_checkpoints", "read_key", "verify_entries"),
            "entries": ("AuditEntry",),
            "exports": ("csv_rows",),
            "packs": ("PackDocument", "Evidence", "verify_evidence", "write_pack"),
            "ports": ("AuditSink", "Clock", "Disclosures"),
            "proofs": ("ConsistencyProof", "InclusionProof"),
            "replay": ("Calculation", "Deviation", "Replay"),
            "signing": ("Ed25519Signer", "HmacSigner", "Signer", "read_signer"),
            "sinks": (
                "FileDisclosures",
                "JsonLinesSink",
                "MemoryDisclosures",
                "MemorySink",
                "SqliteSink",
                "read_lines",
                "verifier_text",
                "write_whole",
            ),
            "trail": ("AuditTrail",),
            "verifier": ("Checkpoint", "Key", "PackManifest", "PackMember", "SignatureState"),
            "writing": ("AuditValue", "HasWireForm", "Personal", "canonical_json"),
        },
    )
