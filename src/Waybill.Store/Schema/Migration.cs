using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Waybill.Schema;

/// <summary>One file <c>NNNN_name.sql</c> of this folder. Files are applied once, in order, and never changed after a release.</summary>
/// <param name="Number">1 and up; numbers may be left out, but not used twice.</param>
/// <param name="Checksum">SHA-256 of the file, lower-case hexadecimal: an applied file that changed is refused.</param>
public sealed record Migration(int Number, string Name, string Sql, string Checksum)
{
    /// <summary>All migrations of this program, in order.</summary>
    /// <exception cref="InvalidOperationException">A number is used twice: the build is broken.</exception>
    public static IReadOnlyList<Migration> All { get; } = Load();

    /// <summary>The statements, with what depends on the deployment filled in.</summary>
    /// <param name="cluster">Name of the ClickHouse cluster; null on a single machine.</param>
    public IEnumerable<string> Statements(string? cluster)
    {
        string sql = Sql
            .Replace("{on_cluster}", cluster is null ? "" : $"ON CLUSTER `{cluster}`", StringComparison.Ordinal)
            .Replace("{replicated}", cluster is null ? "" : "Replicated", StringComparison.Ordinal)
            .Replace("{durable}", TableSettings.Durable, StringComparison.Ordinal);
        return Strip(sql).Split(';').Select(statement => statement.Trim()).Where(statement => statement.Length > 0);
    }

    // No string literal of a migration holds "--" or ";": checked by MigrationTests.
    private static string Strip(string sql) =>
        string.Join('\n', sql.Split('\n').Select(line => line.IndexOf("--", StringComparison.Ordinal) is var at and >= 0 ? line[..at] : line));

    private static List<Migration> Load()
    {
        var migrations = new List<Migration>();
        Assembly assembly = typeof(Migration).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith("Schema/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            string sql = reader.ReadToEnd(), name = Path.GetFileNameWithoutExtension(resource);
            migrations.Add(new Migration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)))));
        }
        for (int i = 1; i < migrations.Count; i++)
            if (migrations[i].Number <= migrations[i - 1].Number) throw new InvalidOperationException($"Two schema migrations have the number {migrations[i].Number:0000}: {migrations[i - 1].Name}, {migrations[i].Name}.");
        return migrations;
    }
}

/// <summary>Settings that every table of ours has; see the engine rules in docs/decisions/0002-engine.md.</summary>
public static class TableSettings
{
    /// <summary>An insert that was answered survives a power cut, also after merges; a repeated insert with the same token is not stored twice.</summary>
    public const string Durable = "fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, " +
        "min_compressed_bytes_to_fsync_after_merge = 1, non_replicated_deduplication_window = 10000, old_parts_lifetime = 480";
}
