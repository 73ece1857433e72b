using System.Text;

namespace Waybill.Redaction;

/// <summary>Counts what was found in stored texts, by place, and in how many items.</summary>
internal sealed class TextTally
{
    private const int PlacesMax = 10_000;

    private readonly Dictionary<(string Table, string Service, Carrier Carrier, string Key, Detector Detector, string Rule, RedactionAction Action), (long Count, List<string> Examples)> _places = [];
    private readonly HashSet<(string, int)> _items = [];

    /// <param name="Key">Shown as its shape when it is sensitive itself.</param>
    public sealed record Place(string Table, string Service, string Carrier, string Key, string Detector, string Rule, string Action, long Count, IReadOnlyList<string> Examples);

    /// <summary>Items with at least one finding.</summary>
    public long Items => _items.Count;

    public void Add(in StoredText text, IEnumerable<FoundText> found)
    {
        foreach (var one in found)
        {
            _items.Add((text.Table, text.Item));
            var place = (text.Table, text.Service, text.Carrier, text.Key, one.Detector, one.Rule, one.Action);
            if (!_places.TryGetValue(place, out var tally))
            {
                if (_places.Count >= PlacesMax) continue;
                tally = (0, []);
            }
            if (tally.Examples.Count < FindingCounts.ShapesMax && !tally.Examples.Contains(one.Shape)) tally.Examples.Add(one.Shape);
            _places[place] = (tally.Count + 1, tally.Examples);
        }
    }

    /// <summary>The most frequent first. Names are shown only when there is nothing sensitive in them.</summary>
    public IEnumerable<Place> Places(int countMax) => _places.OrderByDescending(pair => pair.Value.Count).Take(countMax).Select(pair => new Place(
        pair.Key.Table, Shown(pair.Key.Service), pair.Key.Carrier.Name(), Shown(pair.Key.Key), pair.Key.Detector.Info().Name, pair.Key.Rule, RedactionEndpoints.Lower(pair.Key.Action), pair.Value.Count, pair.Value.Examples));

    private static string Shown(string name) => Redactor.Find(name, default, RuleSet.Default).Count == 0 ? name : Shape.Of(Encoding.UTF8.GetBytes(name));
}
