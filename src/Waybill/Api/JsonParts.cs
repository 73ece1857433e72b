using System.Buffers;
using System.Text.Json;

namespace Waybill.Api;

/// <summary>
/// Reads an object of the form <c>{"a":1,"spans":[{...},{...}],"logs":[...]}</c> part by part as it arrives: members as a whole, but
/// the items of the arrays that were named one by one. So a trace of 100,000 spans is never in memory as text.
/// </summary>
internal static class JsonParts
{
    private const int BufferBytes = 64 * 1024;
    private const int PartBytesMax = 64 * 1024 * 1024;

    /// <summary>The parts in order: the member's name, and its value or one item of it. A value is good until the next is asked for.</summary>
    /// <exception cref="JsonException">It is not such an object, or a part passes 64 MiB.</exception>
    public static async IAsyncEnumerable<(string Name, JsonElement Value)> Read(Stream json, IReadOnlySet<string> arrays, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        byte[] buffer = new byte[BufferBytes];
        int length = 0;
        bool end = false;
        var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = 128 });
        var place = new Place();
        while (!place.Ended)
        {
            if (length == buffer.Length)
            {
                if (buffer.Length >= PartBytesMax) throw new JsonException("A part of the answer is larger than 64 MiB.");
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            int read = await json.ReadAsync(buffer.AsMemory(length), cancel);
            end = read == 0;
            length += read;
            int used = 0;
            while (Next(buffer.AsSpan(used, length - used), end, arrays, ref state, place, out int consumed) is { } part)
            {
                used += consumed;
                using (part.Value) yield return (part.Name, part.Value.RootElement);
            }
            used += place.Consumed;
            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
            if (end && !place.Ended) throw new JsonException("The answer ends in the middle.");
        }
    }

    private sealed class Place
    {
        public string? Name;
        public bool InArray, Ended;
        public int Consumed;
    }

    /// <summary>The next whole part in the bytes, or null: then <see cref="Place.Consumed"/> bytes are done with.</summary>
    private static (string Name, JsonDocument Value)? Next(ReadOnlySpan<byte> bytes, bool end, IReadOnlySet<string> arrays, ref JsonReaderState state, Place place, out int consumed)
    {
        var reader = new Utf8JsonReader(bytes, end, state);
        consumed = place.Consumed = 0;
        while (true)
        {
            if (!reader.Read()) return null;
            if (place.Name is null)
            {
                if (reader.TokenType == JsonTokenType.EndObject) place.Ended = true;
                else if (reader.TokenType == JsonTokenType.PropertyName) place.Name = reader.GetString();
                else if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("An object was expected.");
            }
            else if (!place.InArray && reader.TokenType == JsonTokenType.StartArray && arrays.Contains(place.Name)) place.InArray = true;
            else if (place.InArray && reader.TokenType == JsonTokenType.EndArray) (place.InArray, place.Name) = (false, null);
            else
            {
                string name = place.Name;
                if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? value)) return null;
                if (!place.InArray) place.Name = null;
                consumed = (int)reader.BytesConsumed;
                state = reader.CurrentState;
                return (name, value);
            }
            place.Consumed = (int)reader.BytesConsumed;
            state = reader.CurrentState;
            if (place.Ended) return null;
        }
    }
}
