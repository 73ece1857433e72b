using System.Text;
using Waybill.Batches;
using Waybill.Blocks;

namespace Waybill.Redaction;

/// <summary>Writes what was found in one request as a block for <c>redaction_findings</c>. Reused; one a thread.</summary>
public sealed class FindingBlocks
{
    private static readonly byte[]
        Tenant = BlockFormat.ColumnHeader("tenant", "LowCardinality(String)"),
        Received = BlockFormat.ColumnHeader("received", "DateTime('UTC')"),
        Request = BlockFormat.ColumnHeader("request", "UInt64"),
        CountHeader = BlockFormat.ColumnHeader("count", "UInt64");

    private static readonly (byte[] Header, Func<Finding, string> Value)[] Texts =
    [
        (BlockFormat.ColumnHeader("service", "LowCardinality(String)"), finding => finding.Service),
        (BlockFormat.ColumnHeader("signal", "LowCardinality(String)"), finding => finding.Signal.Name()),
        (BlockFormat.ColumnHeader("carrier", "LowCardinality(String)"), finding => finding.Carrier.Name()),
        (BlockFormat.ColumnHeader("key", "LowCardinality(String)"), finding => finding.Key),
        (BlockFormat.ColumnHeader("detector", "LowCardinality(String)"), finding => finding.Detector.Info().Name),
        (BlockFormat.ColumnHeader("rule", "LowCardinality(String)"), finding => finding.Rule),
        (BlockFormat.ColumnHeader("action", "LowCardinality(String)"), finding => finding.Action.ToString().ToLowerInvariant()),
    ];

    private readonly LowCardinality _dictionary = new();
    private readonly List<Finding> _findings = [];
    private readonly Column<ulong> _counts = new();

    public void Write(ByteBuffer to, ReadOnlySpan<byte> tenant, FindingCounts counts, ulong request, uint receivedUnixSeconds)
    {
        _findings.Clear();
        _counts.Clear();
        counts.ForEach((finding, count, _) =>
        {
            _findings.Add(finding);
            _counts.Add((ulong)count);
        });
        to.WriteBlockHeader(4 + Texts.Length, _findings.Count);
        to.Write(Tenant);
        _dictionary.Clear();
        int index = _dictionary.Intern(tenant);
        foreach (var _ in _findings) _dictionary.Add(index);
        WriteDictionary(to);
        to.Write(Received);
        foreach (var _ in _findings) to.WriteValues<uint>([receivedUnixSeconds]);
        to.Write(Request);
        foreach (var _ in _findings) to.WriteUInt64(request);
        foreach (var (header, value) in Texts)
        {
            to.Write(header);
            _dictionary.Clear();
            foreach (var finding in _findings)
            {
                string text = value(finding);
                if (text.Length == 0) _dictionary.Add(LowCardinality.Empty);
                else _dictionary.Add(Encoding.UTF8.GetBytes(text));
            }
            WriteDictionary(to);
        }
        to.Write(CountHeader);
        to.WriteValues(_counts.Span);
    }

    private void WriteDictionary(ByteBuffer to)
    {
        LowCardinality.WritePrefix(to);
        _dictionary.WriteData(to);
    }
}
