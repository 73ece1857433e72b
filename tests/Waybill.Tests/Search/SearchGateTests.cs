namespace Waybill.Search;

public sealed class SearchGateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Searches_share_the_threads_from_the_statement_after_one_came_or_left()
    {
        using var gate = new SearchGate(new SearchOptions { RunningMax = 3, StatementThreadsMax = 4 }, TimeProvider.System);
        using SearchTurn first = await gate.Enter(Cancel);
        Assert.Equal(4, first.Threads);
        using (SearchTurn second = await gate.Enter(Cancel)) Assert.Equal((2, 2), (first.Threads, second.Threads));
        Assert.Equal(4, first.Threads);
        using SearchTurn third = await gate.Enter(Cancel), fourth = await gate.Enter(Cancel);
        Assert.Equal((1, 1, 1), (first.Threads, third.Threads, fourth.Threads));
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
