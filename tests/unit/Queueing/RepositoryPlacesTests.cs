using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

public sealed class RepositoryPlacesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);
    private static readonly RepositoryAnswer Yes = new("app", true, false, "", "");
    private static readonly RepositoryAnswer Missing = new(
        "app",
        false,
        true,
        FailureCodes.RepositoryUnusable,
        "app is not here."
    );
    private static readonly RepositoryAnswer Forbidden = Missing with
    {
        Absent = false,
        Code = FailureCodes.PathOutsideRoot,
        Problem = "app lies outside.",
    };

    [Fact]
    public void Nobody_is_offered_work_on_a_repository_before_it_said_that_it_has_it()
    {
        var pool = Pool(Host("a"), Host("b"));
        pool.Join(Ticket("t"));

        Assert.Null(pool.Next());
        Assert.Contains(
            "being asked of a, b",
            WaitExplainer.Explain(pool, "t").Reason,
            StringComparison.Ordinal
        );
        pool.TakeRepositories("a", 1, [Missing]);
        Assert.Null(pool.Next());
        pool.TakeRepositories("B", 1, [Yes]);

        Assert.Equal("b", pool.Next()?.Host.Host);
    }

    [Fact]
    public void What_no_host_has_is_explained_with_each_hosts_word_and_the_cure()
    {
        var pool = Pool(Host("a"), Host("b"));
        pool.Join(Ticket("t"));
        pool.TakeRepositories("a", 1, [Missing]);
        pool.TakeRepositories("b", 1, [Forbidden]);

        var why = WaitExplainer.Explain(pool, "t").Reason;

        Assert.Equal(
            "No living host has the repository app. Set Runner:Repositories:app to the path of a clone on one of them and restart it; or start a host that has it. The task starts by itself then. a: app is not here. b: app lies outside.",
            why
        );
    }

    [Fact]
    public void A_host_of_an_earlier_release_and_a_task_without_a_repository_wait_for_no_answer()
    {
        var pool = Pool(Host("old") with { TellsRepositories = false });
        pool.Join(Ticket("t"));
        Assert.Equal("old", pool.Next()?.Host.Host);

        var other = Pool(Host("new"));
        other.Join(Ticket("u", ""));
        Assert.Equal("new", other.Next()?.Host.Host);
    }

    [Fact]
    public void A_yes_is_believed_for_a_minute_and_what_is_missing_until_the_host_says_otherwise()
    {
        var places = new RepositoryPlaces();
        places.Take("a", [Yes], Now);
        places.Take("b", [Missing], Now);

        Assert.True(places.Has(Host("a"), "app", Now.AddSeconds(59)));
        Assert.Null(places.Has(Host("a"), "app", Now.AddSeconds(60)));
        Assert.False(places.Has(Host("b"), "app", Now.AddDays(1)));
        places.Take("b", [Yes], Now.AddDays(1));
        Assert.True(places.Has(Host("b"), "app", Now.AddDays(1)));
    }

    [Fact]
    public void A_host_is_asked_once_for_each_and_again_later_sooner_for_what_it_lacks()
    {
        var places = new RepositoryPlaces();
        var host = Host("a");

        Assert.Equal(["app", "lib"], places.ToAsk(host, ["app", "lib", "app", ""], Now).Order());
        Assert.Empty(places.ToAsk(host, ["app", "lib"], Now.AddSeconds(3)));
        places.Take("a", [Yes, Missing with { Repository = "lib" }], Now);
        Assert.Equal(["lib"], places.ToAsk(host, ["app", "lib"], Now.AddSeconds(4)));
        Assert.Equal(
            ["app", "lib"],
            places.ToAsk(host, ["app", "lib"], Now.AddSeconds(30)).Order()
        );
        // A clock that is set back does not silence it.
        Assert.Equal(["lib"], places.ToAsk(host, ["lib"], Now.AddHours(-1)));
        Assert.Empty(places.ToAsk(host with { TellsRepositories = false }, ["other"], Now));
    }

    [Fact]
    public void One_question_and_the_memory_of_answers_are_bounded()
    {
        var places = new RepositoryPlaces();
        var many = Enumerable.Range(0, 250).Select(n => $"r{n}").ToList();

        Assert.Equal(RepositoryPlaces.AskMax, places.ToAsk(Host("a"), many, Now).Count);
        Assert.Equal(RepositoryPlaces.AskMax, places.ToAsk(Host("a"), many, Now).Count);
        Assert.Equal(50, places.ToAsk(Host("a"), many, Now).Count);
        for (var n = 0; n <= RepositoryPlaces.KnownMax; n++)
        {
            places.Take("a", [Yes with { Repository = $"x{n}" }], Now.AddMilliseconds(n));
        }
        var last = $"x{RepositoryPlaces.KnownMax}";
        Assert.Null(places.Has(Host("a"), "x0", Now));
        Assert.True(places.Has(Host("a"), last, Now.AddSeconds(20)));
    }

    [Fact]
    public void A_host_that_begins_anew_or_is_gone_is_asked_again_and_a_late_answer_is_not_taken()
    {
        var pool = Pool(Host("a"));
        pool.TakeRepositories("a", 1, [Yes]);
        Assert.True(pool.HasRepository(Host("a"), Ticket("t")));

        pool.Register(Host("a") with { Epoch = 2 });
        Assert.Null(pool.HasRepository(Host("a"), Ticket("t")));
        pool.TakeRepositories("a", 1, [Yes]);
        Assert.Null(pool.HasRepository(Host("a"), Ticket("t")));
        pool.TakeRepositories("a", 2, [Yes]);
        Assert.True(pool.HasRepository(Host("a"), Ticket("t")));
        pool.Register(Host("a") with { Epoch = 2, Slots = 5 });
        Assert.True(pool.HasRepository(Host("a"), Ticket("t")));
        pool.Gone("a", 2);
        Assert.Null(pool.HasRepository(Host("a"), Ticket("t")));
    }

    [Fact]
    public void A_runner_that_works_only_where_the_repository_is_not_does_not_keep_the_run_waiting()
    {
        var broken = new HostHealth(1, [new RunnerHealth("scripted", "", "", "Broken.", "")], "");
        var pool = Pool(Host("has") with { Health = broken }, Host("works"));
        pool.TakeRepositories("has", 1, [Yes]);
        pool.TakeRepositories("works", 1, [Missing]);
        pool.Join(Ticket("t") with { Runner = "scripted" });

        Assert.Equal("has", pool.Next()?.Host.Host);
    }

    [Fact]
    public void A_task_is_denied_only_for_a_repository_that_is_there_and_must_not_be_worked_in()
    {
        Assert.Equal(Verdict.Allow, RepositoryVerdict.Of([Forbidden, Yes, Missing]).Verdict);
        Assert.Equal("repository-awaited", RepositoryVerdict.Of([Missing, Missing]).Rule);
        Assert.Equal("repository-awaited", RepositoryVerdict.Of([]).Rule);
        Assert.Equal(
            new Ruling(
                Verdict.Deny,
                "allowed-roots",
                "app lies outside.",
                FailureCodes.PathOutsideRoot
            ),
            RepositoryVerdict.Of([Missing, Forbidden])
        );
        Assert.Equal("repository", RepositoryVerdict.Of([Missing with { Absent = false }]).Rule);
    }

    [Theory]
    [InlineData("app", true)]
    [InlineData("my.app_2-x", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("-x", false)]
    [InlineData("/app", false)]
    [InlineData("a/b", false)]
    [InlineData("C:", false)]
    [InlineData(@"C:\app", false)]
    public void No_path_is_a_name(string text, bool name)
    {
        Assert.Equal(name, RepositoryNames.IsName(text));
        Assert.False(RepositoryNames.IsName(new string('a', RepositoryNames.LengthMax + 1)));
    }

    private static SlotPool Pool(params HostCapacity[] hosts)
    {
        var pool = new SlotPool(new SlotRules(10)) { Now = Now };
        foreach (var host in hosts)
        {
            pool.Register(host);
        }
        return pool;
    }

    private static HostCapacity Host(string name) =>
        new(name, 1, 1, []) { TellsRepositories = true };

    private static QueueTicket Ticket(string task, string repository = "app") =>
        new(task, 1, TaskPriority.Medium, "ann", repository, Now, []);
}
