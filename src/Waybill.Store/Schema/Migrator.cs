using Microsoft.Extensions.Logging;
using Waybill.Blocks;
using Waybill.Engine;

namespace Waybill.Schema;

/// <summary>The stored data was made by a newer or an altered program; nothing was touched.</summary>
public sealed class SchemaException(string message) : Exception(message);

/// <summary>Brings the engine's tables to this program's version: forward only, each file once. Safe to be killed at any point and run again.</summary>
public sealed partial class Migrator(EngineClient engine, string? cluster, ILogger log)
{
    private const string History = "schema_migrations";

    /// <exception cref="SchemaException">The data is newer than this program, or an applied file was changed.</exception>
    /// <exception cref="EngineException">The engine failed a statement.</exception>
    public async Task Migrate(TimeProvider clock, CancellationToken cancel)
    {
        string onCluster = cluster is null ? "" : $"ON CLUSTER `{cluster}`", replicated = cluster is null ? "" : "Replicated";
        await engine.Execute($"""
            CREATE TABLE IF NOT EXISTS {History} {onCluster} (number UInt32, name String, checksum String, applied DateTime('UTC'))
            ENGINE = {replicated}MergeTree ORDER BY number SETTINGS {TableSettings.Durable}
            """, cancel: cancel);

        Dictionary<int, (string Name, string Checksum)> applied = await ReadHistory(cancel);
        Check(applied);
        foreach (Migration migration in Migration.All.Where(migration => !applied.ContainsKey(migration.Number)))
        {
            foreach (string statement in migration.Statements(cluster)) await engine.Execute(statement, cancel: cancel);
            await engine.Execute($"INSERT INTO {History} SELECT {{number:UInt32}}, {{name:String}}, {{checksum:String}}, toDateTime({{applied:Int64}}, 'UTC')",
                [
                    EngineParameter.Int("number", migration.Number), EngineParameter.String("name", migration.Name),
                    EngineParameter.String("checksum", migration.Checksum), EngineParameter.Int("applied", clock.GetUtcNow().ToUnixTimeSeconds()),
                ], cancel: cancel);
            LogApplied(log, migration.Name);
        }
    }

    private static void Check(Dictionary<int, (string Name, string Checksum)> applied)
    {
        int newest = Migration.All[^1].Number;
        foreach ((int number, (string name, string checksum)) in applied)
        {
            if (number > newest)
                throw new SchemaException($"The data has schema {number} ({name}), this program knows {newest}. Start the newer program that made it; nothing was changed.");
            if (Migration.All.FirstOrDefault(migration => migration.Number == number)?.Checksum != checksum)
                throw new SchemaException($"Schema file {name} is not the one that made this data. Install an unaltered release; nothing was changed.");
        }
    }

    private async Task<Dictionary<int, (string, string)>> ReadHistory(CancellationToken cancel)
    {
        await using EngineResponse response = await engine.Query($"SELECT number, any(name) AS name, any(checksum) AS checksum FROM {History} GROUP BY number", cancel: cancel);
        using var reader = new BlockReader(response.Body);
        var applied = new Dictionary<int, (string, string)>();
        while (await reader.Read(cancel) is { } block)
            for (int row = 0; row < block.Rows; row++)
                applied[(int)block["number"].GetInt64(row)] = (block["name"].GetString(row), block["checksum"].GetString(row));
        return applied;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied schema {Name}")]
    private static partial void LogApplied(ILogger log, string name);
}
