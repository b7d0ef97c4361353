"""The blocks a message is made of: plain frozen data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from agentick_core.errors import ValidationError

NO_METADATA: Mapping[str, Any] = MappingProxyType({})


def no_metadata() -> Mapping[str, Any]:
    """Give the one empty mapping, as the default of a field."""
    return NO_METADATA


@dataclass(frozen=True, slots=True)
class UrlSource:
    """Media that lies at a URL."""

    type: ClassVar[str] = "url"
    url: str


@dataclass(frozen=True, slots=True)
class Base64Source:
    """Media carried along, in base64."""

    type: ClassVar[str] = "base64"
    data: str
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FileIdSource:
    """Media that was uploaded to the provider."""

    type: ClassVar[str] = "file_id"
    file_id: str


@dataclass(frozen=True, slots=True)
class BucketSource:
    """Media in object storage: `service` is "s3" or "gcs"."""

    type: ClassVar[str] = "bucket"
    service: str
    bucket: str
    key: str


MediaSource: TypeAlias = UrlSource | Base64Source | FileIdSource | BucketSource


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockBase:
    """What every block may carry."""

    id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class TextBlock(BlockBase):
    """Text, Markdown by convention."""

    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningBlock(BlockBase):
    """What a model thought before it answered; sent back only to the provider it came from."""

    type: ClassVar[str] = "reasoning"
    text: str
    signature: str | None = None
    redacted_data: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class ToolUseBlock(BlockBase):
    """A model's call of a tool. `provider_id` is the provider's own id of the call."""

    type: ClassVar[str] = "tool_use"
    tool_use_id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=no_metadata)
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResultBlock(BlockBase):
    """What a tool gave back for the call of that id."""

    type: ClassVar[str] = "tool_result"
    tool_use_id: str
    name: str
    content: "tuple[Block, ...]" = ()
    is_error: bool = False
    executed_by: str | None = None


@dataclass(frozen=True, slots=True)
class ImageBlock(BlockBase):
    """A picture."""

    type: ClassVar[str] = "image"
    source: MediaSource
    mime_type: str | None = None
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentBlock(BlockBase):
    """A document, such as a PDF."""

    type: ClassVar[str] = "document"
    source: MediaSource
    mime_type: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class AudioBlock(BlockBase):
    """A sound."""

    type: ClassVar[str] = "audio"
    source: MediaSource
    mime_type: str | None = None
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class VideoBlock(BlockBase):
    """A film."""

    type: ClassVar[str] = "video"
    source: MediaSource
    mime_type: str | None = None
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class CodeBlock(BlockBase):
    """Source code."""

    type: ClassVar[str] = "code"
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class JsonBlock(BlockBase):
    """A JSON value; `text` is its text where that was given."""

    type: ClassVar[str] = "json"
    data: Any
    text: str = ""


@dataclass(frozen=True, slots=True)
class XmlBlock(BlockBase):
    """XML text."""

    type: ClassVar[str] = "xml"
    text: str


@dataclass(frozen=True, slots=True)
class CsvBlock(BlockBase):
    """CSV text."""

    type: ClassVar[str] = "csv"
    text: str


@dataclass(frozen=True, slots=True)
class HtmlBlock(BlockBase):
    """HTML text."""

    type: ClassVar[str] = "html"
    text: str


@dataclass(frozen=True, slots=True)
class UserActionBlock(BlockBase):
    """Something the user did outside the conversation."""

    type: ClassVar[str] = "user_action"
    action: str
    target: str = ""
    actor: str = "User"


@dataclass(frozen=True, slots=True)
class SystemEventBlock(BlockBase):
    """Something that happened in the system."""

    type: ClassVar[str] = "system_event"
    event: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class StateChangeBlock(BlockBase):
    """A value that changed from `before` to `after`."""

    type: ClassVar[str] = "state_change"
    entity: str
    field: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class GeneratedImageBlock(BlockBase):
    """A picture the model made."""

    type: ClassVar[str] = "generated_image"
    source: MediaSource
    mime_type: str | None = None
    alt_text: str | None = None


@dataclass(frozen=True, slots=True)
class GeneratedFileBlock(BlockBase):
    """A file the model made."""

    type: ClassVar[str] = "generated_file"
    source: MediaSource
    name: str = ""
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class ExecutableCodeBlock(BlockBase):
    """Code the provider runs by itself."""

    type: ClassVar[str] = "executable_code"
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class CodeExecutionResultBlock(BlockBase):
    """What code that the provider ran gave back."""

    type: ClassVar[str] = "code_execution_result"
    output: str
    is_error: bool = False


Block: TypeAlias = (
    TextBlock
    | ReasoningBlock
    | ToolUseBlock
    | ToolResultBlock
    | ImageBlock
    | DocumentBlock
    | AudioBlock
    | VideoBlock
    | CodeBlock
    | JsonBlock
    | XmlBlock
    | CsvBlock
    | HtmlBlock
    | UserActionBlock
    | SystemEventBlock
    | StateChangeBlock
    | GeneratedImageBlock
    | GeneratedFileBlock
    | ExecutableCodeBlock
    | CodeExecutionResultBlock
)

ContentLike: TypeAlias = str | Block | Sequence[str | Block]


def as_blocks(content: "ContentLike | Iterable[str | Block]") -> tuple[Block, ...]:
    """Turn text, a block, or a sequence of both into a tuple of blocks.

    Raises:
        ValidationError: something in it is neither.
    """
    match content:
        case str():
            return (TextBlock(content),)
        case BlockBase():
            return (content,)
        case _:
            return tuple(map(_as_block, content))


def _as_block(item: str | Block) -> Block:
    match item:
        case str():
            return TextBlock(item)
        case BlockBase():
            return item
        case _:  # pyright: ignore[reportUnnecessaryComparison]  # callers without a type checker come here
            raise ValidationError(
                f"Content is text, a block, or a list of these, not {item!r}",
                hint="Make a block of it, such as TextBlock(...) or JsonBlock(...).",
            )


def text_of(blocks: Iterable[Block]) -> str:
    """Join the text blocks with blank lines, leaving out empty ones and all other kinds."""
    return "\n\n".join(block.text for block in blocks if isinstance(block, TextBlock) and block.text)
