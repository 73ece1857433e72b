namespace Waybill.Decoding;

/// <summary>What the decoder changed or left out of items it kept. Every field is a metric of ingest.</summary>
public record struct DecodeCounts
{
    /// <summary>Texts cut at a limit, and nested values replaced because they lay too deep.</summary>
    public int TruncatedValues { get; set; }
    /// <summary>Attributes beyond the limit or without a key. Also added to the item's own dropped count.</summary>
    public int DroppedAttributes { get; set; }
    /// <summary>Events beyond the limit or with nothing in them. Also added to the span's dropped count.</summary>
    public int DroppedEvents { get; set; }
    /// <summary>Links beyond the limit or with nothing in them. Also added to the span's dropped count.</summary>
    public int DroppedLinks { get; set; }
    /// <summary>Exemplars beyond the limit or without a value.</summary>
    public int DroppedExemplars { get; set; }
    /// <summary>Texts with bytes that are not UTF-8 (or lone surrogates), now U+FFFD.</summary>
    public int RepairedTexts { get; set; }
    /// <summary>Trace and span ids of the wrong length on links, log records and exemplars, read as absent as OTLP asks.</summary>
    public int IgnoredIds { get; set; }
    /// <summary>Numbers that no enum of OTLP knows, stored as unspecified.</summary>
    public int UnknownEnums { get; set; }
}
