using System.Text.Json;
using OpenTelemetry;

namespace Shop;

/// <summary>A message as the queue stores it. The headers carry <c>traceparent</c>, <c>tracestate</c> and <c>baggage</c>.</summary>
public sealed record Message(string Id, string Topic, Dictionary<string, string> Headers, JsonElement Body, int DeliveryCount);

/// <summary>Sends and receives through the Shop's queue, with the spans and the context that the messaging conventions ask for.</summary>
public sealed class Messaging(ILogger<Messaging> log)
{
    private static readonly DistributedContextPropagator Context = DistributedContextPropagator.Current;

    /// <param name="withContext">False is the fault lost-context: the message leaves without knowing its cause.</param>
    public static async Task Send<T>(string topic, T body, CancellationToken cancel, bool withContext = true)
    {
        string id = Guid.CreateVersion7().ToString("n");
        using Activity? span = Start($"send {topic}", ActivityKind.Producer, "send", topic)?.SetTag("messaging.message.id", id);
        Dictionary<string, string> headers = [];
        if (withContext) Context.Inject(span ?? Activity.Current, headers, static (carrier, key, value) => ((Dictionary<string, string>)carrier!)[key] = value);

        using HttpResponseMessage answer = await Role.Http.PostAsJsonAsync(new Uri(Role.Peer("queue"), $"topics/{topic}/messages"), new { id, headers, body }, cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Handles messages one by one, each as a part of the trace that sent it. A message that fails is delivered again.</summary>
    public Task Receive<T>(string topic, Func<T, CancellationToken, Task> handle, CancellationToken cancel) => Poll(topic, 1, async messages =>
    {
        Message message = messages[0];
        using Activity? span = Start($"process {topic}", ActivityKind.Consumer, "process", topic, SenderOf(message));
        span?.SetTag("messaging.message.id", message.Id).SetTag("shop.delivery_count", message.DeliveryCount);
        foreach ((string key, string? value) in BaggageOf(message)) Telemetry.Carry(key, value ?? "");
        await Handle(span, topic, () => handle(message.Body.Deserialize<T>(JsonSerializerOptions.Web)!, cancel));
    }, cancel);

    /// <summary>Handles many messages at once: one span that belongs to no sender and links to all of them.</summary>
    public Task ReceiveBatch<T>(string topic, int max, Func<List<T>, CancellationToken, Task> handle, CancellationToken cancel) => Poll(topic, max, async messages =>
    {
        ActivityLink[] senders = [.. messages.Where(message => SenderOf(message) != default)
            .Select(message => new ActivityLink(SenderOf(message), new ActivityTagsCollection { ["messaging.message.id"] = message.Id }))];
        using Activity? span = Start($"process {topic}", ActivityKind.Consumer, "process", topic, default, senders);
        span?.SetTag("messaging.batch.message_count", messages.Count);
        if (messages.Count == 1) span?.SetTag("messaging.message.id", messages[0].Id);
        await Handle(span, topic, () => handle([.. messages.Select(message => message.Body.Deserialize<T>(JsonSerializerOptions.Web)!)], cancel));
    }, cancel);

    private async Task Handle(Activity? span, string topic, Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            span.Fail(error);
            log.LogError(error, "Message on {messaging.destination.name} failed and will be delivered again", topic);
            throw;
        }
    }

    // Leases, handles, settles. An unsettled lease runs out, and the queue delivers the messages again.
    private async Task Poll(string topic, int max, Func<List<Message>, Task> handle, CancellationToken cancel)
    {
        Uri topics = new(Role.Peer("queue"), $"topics/{topic}/");
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                List<Message> messages;
                using (SuppressInstrumentationScope.Begin())   // A poll of an empty queue is not work.
                {
                    using HttpResponseMessage lease = await Role.Http.PostAsync(new Uri(topics, $"leases?max={max}&waitSeconds=5"), null, cancel);
                    lease.EnsureSuccessStatusCode();
                    messages = await lease.Content.ReadFromJsonAsync<List<Message>>(cancel) ?? [];
                }
                if (messages.Count == 0) continue;
                await handle(messages);
                using (SuppressInstrumentationScope.Begin())
                {
                    using HttpResponseMessage settled = await Role.Http.PostAsJsonAsync(new Uri(topics, "settled"), messages.Select(message => message.Id), cancel);
                    settled.EnsureSuccessStatusCode();
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                log.LogWarning("Nothing is received from {messaging.destination.name} for a second: {reason}", topic, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            }
        }
    }

    private static Activity? Start(string name, ActivityKind kind, string operation, string topic, ActivityContext parent = default, ActivityLink[]? links = null)
    {
        Activity? span = kind == ActivityKind.Producer
            ? Telemetry.Source.StartActivity(name, kind)
            : Telemetry.Source.StartActivity(name, kind, parent, tags: null, links);
        return span?.SetTag("messaging.system", "shop-queue").SetTag("messaging.operation.name", operation).SetTag("messaging.operation.type", operation)
            .SetTag("messaging.destination.name", topic);
    }

    private static ActivityContext SenderOf(Message message)
    {
        Context.ExtractTraceIdAndState(message.Headers, Read, out string? parent, out string? state);
        return ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext sender) ? sender : default;
    }

    private static IEnumerable<KeyValuePair<string, string?>> BaggageOf(Message message) => Context.ExtractBaggage(message.Headers, Read) ?? [];

    private static void Read(object? carrier, string key, out string? value, out IEnumerable<string>? values)
    {
        values = null;
        ((Dictionary<string, string>)carrier!).TryGetValue(key, out value);
    }
}
