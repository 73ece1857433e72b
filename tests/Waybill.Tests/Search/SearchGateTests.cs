namespace Waybill.Search;

public sealed class SearchGateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Statements_share_the_threads_of_the_searches_that_run_when_they_begin()
    {
        using var gate = new SearchGate(new SearchOptions { RunningMax = 3, StatementsMax = 10, StatementThreadsMax = 4 }, TimeProvider.System);
        using SearchTurn first = await gate.Enter(Cancel);
        Assert.Equal(4, await Threads(first));
        using (SearchTurn second = await gate.Enter(Cancel)) Assert.Equal((2, 2), (await Threads(first), await Threads(second)));
        Assert.Equal(4, await Threads(first));
        using SearchTurn third = await gate.Enter(Cancel), fourth = await gate.Enter(Cancel);
        Assert.Equal((1, 1, 1), (await Threads(first), await Threads(third), await Threads(fourth)));
    }

    private static async Task<int> Threads(SearchTurn turn)
    {
        using SearchStatement statement = await turn.Statement(Cancel);
        return statement.Threads;
    }

    [Fact]
    public async Task Statements_take_turns_in_the_order_they_came()
    {
        using var gate = new SearchGate(new SearchOptions { RunningMax = 2, StatementsMax = 1 }, TimeProvider.System);
        using SearchTurn slow = await gate.Enter(Cancel), quick = await gate.Enter(Cancel);
        SearchStatement running = await slow.Statement(Cancel);
        Task<SearchStatement> second = quick.Statement(Cancel).AsTask(), third = slow.Statement(Cancel).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);
        running.Dispose();
        SearchStatement next = await second;
        Assert.False(third.IsCompleted);
        next.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task A_turn_that_is_given_back_twice_is_one_turn()
    {
        using var gate = new SearchGate(new SearchOptions { RunningMax = 1, WaitingMax = 0 }, TimeProvider.System);
        SearchTurn turn = await gate.Enter(Cancel);
        turn.Dispose();
        turn.Dispose();
        using SearchTurn next = await gate.Enter(Cancel);
        await Assert.ThrowsAsync<SearchBusyException>(async () => await gate.Enter(Cancel));
    }
}
