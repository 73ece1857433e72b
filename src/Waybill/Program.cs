using System.CommandLine;
using Waybill.Commands;

var root = new RootCommand("Waybill: follow any request, change or data item from its origin to its outcome.")
{
    EngineCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
