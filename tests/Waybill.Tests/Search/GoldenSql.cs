using System.Runtime.CompilerServices;

namespace Waybill.Search;

/// <summary>SQL that is committed beside its test.</summary>
internal static class GoldenSql
{
    private const string Switch = "WAYBILL_UPDATE_SQL";

    /// <param name="file">Name of the committed file.</param>
    public static void Compare(string actual, string file, [CallerFilePath] string here = "")
    {
        string golden = Path.Combine(Path.GetDirectoryName(here)!, file);
        if (Environment.GetEnvironmentVariable(Switch) is { Length: > 0 }) File.WriteAllText(golden, actual);
        string committed = File.Exists(golden) ? File.ReadAllText(golden) : "";
        Assert.True(committed == actual, $"The SQL is not the committed one. Run: {Switch}=1 dotnet test --project tests/Waybill.Tests --filter-class '*{Path.GetFileNameWithoutExtension(here)}', and read the difference.");
    }
}
