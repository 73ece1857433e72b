namespace Waybill.Payloads;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed on every machine and runtime.</summary>
internal sealed class Chance(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>One to one over all 64-bit values: different inputs never give the same output, so counters become unique ids.</summary>
    public static ulong Mix(ulong value)
    {
        value += Step;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public ulong Next()
    {
        ulong value = Mix(_state);
        _state += Step;
        return value;
    }

    /// <summary>0 inclusive to 1 exclusive.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 inclusive to <paramref name="end"/> exclusive.</summary>
    public int Below(int end) => (int)(Unit() * end);

    public bool Happens(double probability) => Unit() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    public double Exponential(double mean) => -mean * Math.Log(1 - Unit());
}
