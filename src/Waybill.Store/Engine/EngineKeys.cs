using System.Text;

namespace Waybill.Engine;

/// <summary>How keys come to the engine's process: as the first lines of its standard input, in hex.</summary>
public static class EngineKeys
{
    private const int KeyBytes = 32;

    internal static async Task Write(Stream input, IReadOnlyList<byte[]> keys)
    {
        foreach (byte[] key in keys) await input.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key) + "\n"));
        await input.FlushAsync();
    }

    /// <summary>Reads so many keys and not a byte more: the end of this input tells of the parent's end.</summary>
    /// <exception cref="IOException">It ended, or held something else.</exception>
    public static IReadOnlyList<byte[]> Read(Stream input, int count)
    {
        var keys = new List<byte[]>(count);
        byte[] line = new byte[2 * KeyBytes + 1];
        while (keys.Count < count)
        {
            input.ReadExactly(line);
            try
            {
                keys.Add(Convert.FromHexString(Encoding.ASCII.GetString(line.AsSpan(0, 2 * KeyBytes))));
            }
            catch (FormatException)
            {
                throw new IOException("Standard input does not begin with keys.");
            }
        }
        return keys;
    }
}
