"""Money: exact amounts, and an audit trail of what was done with them. Pure, but for the sinks of the trail.

Rules: nothing rounds silently, no float is an amount, and what is divided up sums to the whole; standard library only;
no clock, no chance.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .audit import AuditEntry as AuditEntry
    from .audit import AuditSink as AuditSink
    from .audit import AuditTrail as AuditTrail
    from .audit import AuditValue as AuditValue
    from .audit import Calculation as Calculation
    from .audit import Checkpoint as Checkpoint
    from .audit import Clock as Clock
    from .audit import ConsistencyProof as ConsistencyProof
    from .audit import Deviation as Deviation
    from .audit import Disclosures as Disclosures
    from .audit import Ed25519Signer as Ed25519Signer
    from .audit import FileDisclosures as FileDisclosures
    from .audit import HasWireForm as HasWireForm
    from .audit import HmacSigner as HmacSigner
    from .audit import InclusionProof as InclusionProof
    from .audit import JsonLinesSink as JsonLinesSink
    from .audit import Key as Key
    from .audit import MemoryDisclosures as MemoryDisclosures
    from .audit import MemorySink as MemorySink
    from .audit import Personal as Personal
    from .audit import Replay as Replay
    from .audit import SignatureState as SignatureState
    from .audit import Signer as Signer
    from .audit import SqliteSink as SqliteSink
    from .audit import Verification as Verification
    from .audit import canonical_json as canonical_json
    from .audit import csv_rows as csv_rows
    from .audit import read_checkpoints as read_checkpoints
    from .audit import read_key as read_key
    from .audit import read_lines as read_lines
    from .audit import verifier_text as verifier_text
    from .audit import verify_entries as verify_entries
    from .audit import write_whole as write_whole
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "audit": (
                "AuditEntry",
                "AuditSink",
                "AuditTrail",
                "AuditValue",
                "Calculation",
                "Checkpoint",
                "Clock",
                "ConsistencyProof",
                "Deviation",
                "Disclosures",
                "Ed25519Signer",
                "FileDisclosures",
                "HasWireForm",
                "HmacSigner",
                "InclusionProof",
                "JsonLinesSink",
                "Key",
                "MemoryDisclosures",
                "MemorySink",
                "Personal",
                "Replay",
                "SignatureState",
                "Signer",
                "SqliteSink",
                "Verification",
                "canonical_json",
                "csv_rows",
                "read_checkpoints",
                "read_key",
                "read_lines",
                "verifier_text",
                "verify_entries",
                "write_whole",
            ),
        },
    )
