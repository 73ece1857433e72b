namespace Waybill.Query;

/// <summary>Files that are built into the tests.</summary>
internal static class Embedded
{
    public static string Text(string name)
    {
        using Stream stream = typeof(Embedded).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
