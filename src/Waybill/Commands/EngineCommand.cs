using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Waybill.Engine;
using Waybill.Engine.Host;

namespace Waybill.Commands;

/// <summary><c>waybill engine</c>: the embedded ClickHouse as a process of its own. <c>waybill serve</c> starts it; a person rarely does.</summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var defaults = new EngineHostOptions { DataDirectory = "", SocketPath = "" };
        var data = new Option<string>("--data") { Description = "Directory of the engine; one process at a time.", Required = true };
        var socket = new Option<string>("--socket") { Description = "Unix socket to answer the ClickHouse HTTP interface on (mode 0600).", Required = true };
        var memory = Number("--memory-bytes", "Memory of the whole engine.", defaults.MemoryBytesMax);
        var queryMemory = Number("--query-memory-bytes", "Memory of one statement.", defaults.QueryMemoryBytesMax);
        var connections = Number("--connections", "Statements that run at a time.", defaults.ConnectionsMax);
        var waiting = Number("--waiting", "Statements that wait for a connection.", defaults.WaitingMax);
        var wait = Number("--wait-milliseconds", "Longest wait for a connection.", defaults.WaitMillisecondsMax);
        var seconds = Number("--read-seconds", "Longest read unless the request says otherwise.", defaults.ReadSecondsMax);
        var rows = Number("--result-rows", "Rows of one answer unless the request says otherwise.", defaults.ResultRowsMax);
        var bytes = Number("--result-bytes", "Bytes of one answer unless the request says otherwise.", defaults.ResultBytesMax);
        var threads = Number("--query-threads", "Threads of one statement.", defaults.QueryThreadsMax);
        var partitions = Number("--partitions-per-insert", "Partitions one insert may touch.", defaults.PartitionsPerInsertMax);
        var insertBytes = Number("--insert-bytes", "Bytes of data in one insert.", defaults.InsertBytesMax);
        var parent = new Option<int>("--parent") { Description = "End when this process, or standard input, ends.", Hidden = true };
        var selfTest = new Option<bool>("--self-test") { Description = "Only prove that signals are intact, then end.", Hidden = true };

        var command = new Command("engine", "Run the embedded ClickHouse engine on a Unix socket.")
        {
            data, socket, memory, queryMemory, connections, waiting, wait, seconds, rows, bytes, threads, partitions, insertBytes, parent, selfTest,
        };
        command.SetAction(async (parsed, _) =>
        {
            var options = new EngineHostOptions
            {
                DataDirectory = parsed.GetRequiredValue(data),
                SocketPath = parsed.GetRequiredValue(socket),
                MemoryBytesMax = parsed.GetValue(memory),
                QueryMemoryBytesMax = parsed.GetValue(queryMemory),
                ConnectionsMax = parsed.GetValue(connections),
                WaitingMax = parsed.GetValue(waiting),
                WaitMillisecondsMax = parsed.GetValue(wait),
                ReadSecondsMax = parsed.GetValue(seconds),
                ResultRowsMax = parsed.GetValue(rows),
                ResultBytesMax = parsed.GetValue(bytes),
                QueryThreadsMax = parsed.GetValue(threads),
                PartitionsPerInsertMax = parsed.GetValue(partitions),
                InsertBytesMax = parsed.GetValue(insertBytes),
                ParentProcessId = parsed.GetValue(parent),
            };
            List<ValidationResult> problems = [];
            if (Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
                return await EngineHost.Run(options, parsed.GetValue(selfTest));

            foreach (var problem in problems) await Console.Error.WriteLineAsync($"waybill engine: {problem.ErrorMessage}");
            return 2;
        });
        return command;
    }

    private static Option<T> Number<T>(string name, string description, T otherwise) => new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
