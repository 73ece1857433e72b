using System.Diagnostics.CodeAnalysis;
using System.Text;
using Waybill.Batches;
using Waybill.Metrics;

namespace Waybill.Ingest;

/// <summary>One who sends: a service, through an SDK, from an address.</summary>
/// <param name="ItemsPerSecond">Over the last minute.</param>
public sealed record Sender(
    string Service, string Sdk, string SdkLanguage, string SdkVersion, string Protocol, string Signal, string? Peer, string? UserAgent,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Requests, long Items, double ItemsPerSecond);

/// <summary>Who sends, live. A bounded list: the one silent for longest makes room for a new one.</summary>
public sealed class Senders
{
    private const int FieldBytesMax = 128;

    private readonly Lock _lock = new();
    private readonly int _max;
    private readonly TimeProvider _clock;
    private readonly Dictionary<byte[], LinkedListNode<Entry>> _byKey = new(new KeyComparer());
    private readonly Dictionary<byte[], LinkedListNode<Entry>>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly LinkedList<Entry> _latestFirst = new();

    public Senders(IngestOptions options, TimeProvider clock)
    {
        (_max, _clock) = (options.SendersMax, clock);
        _byBytes = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count
    {
        get
        {
            lock (_lock) return _byKey.Count;
        }
    }

    /// <summary>All that is known, latest first.</summary>
    /// <param name="tenant">Of this tenant only; null: of all.</param>
    public Sender[] Latest(int countMax, string? tenant = null)
    {
        long now = _clock.GetUtcNow().ToUnixTimeSeconds();
        lock (_lock) return [.. _latestFirst.Where(entry => tenant is null || entry.Tenant == tenant).Take(countMax).Select(entry => entry.Show(now))];
    }

    internal void Saw(Reception reception, Caller caller)
    {
        // The items of one resource lie together, so a request makes as many notes as it has resources: mostly one.
        var resources = reception.Signal switch
        {
            Signal.Traces => reception.Spans.Resources,
            Signal.Logs => reception.Logs.Resources,
            _ => reception.Metrics.Resources,
        };
        var ofItem = reception.Signal switch
        {
            Signal.Traces => reception.Spans.Resource.Span,
            Signal.Logs => reception.Logs.Resource.Span,
            _ => reception.Metrics.Resource.Span,
        };
        for (int from = 0; from < ofItem.Length;)
        {
            int to = from + 1;
            while (to < ofItem.Length && ofItem[to] == ofItem[from]) to++;
            Saw(reception, resources, ofItem[from], caller, reception.Signal == Signal.Metrics ? PointsOf(reception.Metrics, from, to) : to - from);
            from = to;
        }
    }

    // Points stand in the order of their metrics, so those of a run of metrics lie between two places that bisection finds.
    private static int PointsOf(MetricBatch batch, int from, int to)
    {
        return Between(batch.Numbers.Point) + Between(batch.Histograms.Point) + Between(batch.Exponentials.Point) + Between(batch.Summaries.Point);

        int Between(PointColumns points) => Below(points.Metric.Span, to) - Below(points.Metric.Span, from);

        static int Below(ReadOnlySpan<int> metrics, int metric)
        {
            int low = 0, high = metrics.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (metrics[middle] < metric) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }

    private void Saw(Reception reception, ResourceColumns resources, int resource, Caller caller, int items)
    {
        Text service = default, sdk = default, language = default, version = default;
        var attributes = resources.Attributes;
        var (from, count) = resources.AttributesOf(resource).GetOffsetAndLength(attributes.Count);
        for (int i = from; i < from + count; i++)
        {
            if (attributes.Value[i].Type != Batches.ValueType.String) continue;
            var key = reception.Text[attributes.Key[i]];
            if (key.SequenceEqual("service.name"u8)) service = attributes.Value[i].Text;
            else if (!key.StartsWith("telemetry.sdk."u8)) continue;
            else if (key.EndsWith(".name"u8)) sdk = attributes.Value[i].Text;
            else if (key.EndsWith(".language"u8)) language = attributes.Value[i].Text;
            else if (key.EndsWith(".version"u8)) version = attributes.Value[i].Text;
        }

        var bytes = new Key(stackalloc byte[9 * (FieldBytesMax + 1)]);
        bytes.Add([(byte)reception.Signal, (byte)caller.Protocol]);
        foreach (var text in (ReadOnlySpan<Text>)[service, sdk, language, version]) bytes.Add(reception.Text[text]);
        bytes.Add(caller.Peer);
        bytes.Add(caller.UserAgent);
        bytes.Add(caller.Tenant);

        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            if (!_byBytes.TryGetValue(bytes.Written, out var node))
            {
                if (_byKey.Count >= _max)
                {
                    _byKey.Remove(_latestFirst.Last!.Value.Key);
                    _latestFirst.RemoveLast();
                }
                node = new(new Entry(bytes.Written.ToArray(), Field(service), Field(sdk), Field(language), Field(version), caller, reception.Signal, now));
                _byKey.Add(node.Value.Key, node);
            }
            else _latestFirst.Remove(node);
            _latestFirst.AddFirst(node);
            node.Value.Saw(now, items);
        }

        string Field(Text text) => reception.Text.GetString(text.Length <= FieldBytesMax ? text : text with { Length = FieldBytesMax });
    }

    private sealed class Entry(byte[] key, string service, string sdk, string language, string version, Caller caller, Signal signal, DateTimeOffset firstSeen)
    {
        // Items of the last minute in six steps of ten seconds: a rate that is right to a sixth, in 48 bytes.
        private const int StepSeconds = 10;
        private readonly long[] _steps = new long[6];
        private long _step;
        private DateTimeOffset _lastSeen;
        private long _requests;
        private long _items;

        public byte[] Key => key;
        public string Tenant => caller.Tenant;

        public void Saw(DateTimeOffset now, int items)
        {
            _lastSeen = now;
            _requests++;
            _items += items;
            Advance(now.ToUnixTimeSeconds());
            _steps[_step % _steps.Length] += items;
        }

        public Sender Show(long nowUnixSeconds)
        {
            Advance(nowUnixSeconds);
            double seconds = Math.Clamp(nowUnixSeconds - firstSeen.ToUnixTimeSeconds(), 1, StepSeconds * _steps.Length);
            return new(service, sdk, language, version, caller.Protocol.Name(), signal.Name(), caller.Peer, caller.UserAgent,
                firstSeen, _lastSeen, _requests, _items, _steps.Sum() / seconds);
        }

        private void Advance(long unixSeconds)
        {
            long step = unixSeconds / StepSeconds;
            if (step - _step >= _steps.Length) Array.Clear(_steps);
            else for (long i = _step + 1; i <= step; i++) _steps[i % _steps.Length] = 0;
            _step = Math.Max(_step, step);
        }
    }

    /// <summary>What makes a sender the same sender, as bytes: fields cut at their bound, each with its length before it.</summary>
    private ref struct Key(Span<byte> room)
    {
        private readonly Span<byte> _room = room;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _room[.._length];

        public void Add(scoped ReadOnlySpan<byte> field)
        {
            field = field[..Math.Min(field.Length, FieldBytesMax)];
            _room[_length++] = (byte)field.Length;
            field.CopyTo(_room[_length..]);
            _length += field.Length;
        }

        public void Add(string? field)
        {
            Span<byte> bytes = stackalloc byte[FieldBytesMax];
            Encoding.UTF8.TryGetBytes((field ?? "").AsSpan(0, Math.Min(field?.Length ?? 0, FieldBytesMax / 3)), bytes, out int length);
            Add(bytes[..length]);
        }
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);
        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);
        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
