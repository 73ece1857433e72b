using System.Text;
using Spectre.Console;

namespace Waybill.Terminal;

/// <summary>The colours, by meaning. All are legible on dark and light terminals; red is kept for errors and yellow for doubts.</summary>
internal static class Paint
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Strong = new(decoration: Decoration.Bold);
    public static readonly Style Faint = new(decoration: Decoration.Dim);
    public static readonly Style Error = new(Color.Red);
    public static readonly Style StrongError = new(Color.Red, decoration: Decoration.Bold);
    public static readonly Style Doubt = new(Color.Yellow);
    public static readonly Style Good = new(Color.Green);

    // Middle brightness, hues apart, neither red nor yellow: numbers of the 256-colour palette.
    private static readonly byte[] Palette = [33, 71, 170, 37, 136, 99, 67, 107, 132, 38, 173, 63, 72, 139];

    /// <summary>A service has the same colour in every trace and on every machine.</summary>
    public static Style Service(string name)
    {
        uint hash = 2166136261;   // FNV-1a
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 16777619;
        return new Style(Color.FromInt32(Palette[(hash ^ (hash >> 11)) % (uint)Palette.Length]));
    }
}
