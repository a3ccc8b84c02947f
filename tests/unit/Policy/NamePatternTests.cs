using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A pattern of names is caught in every spelling, grants only as it is written, and says why it is none.</summary>
public sealed class NamePatternTests
{
    private delegate NamePattern? Reader(string text, int line, out string problem);

    private static Reader Of(string what) =>
        what switch
        {
            "person" => NamePattern.OfPerson,
            "repository" => NamePattern.OfRepository,
            _ => NamePattern.OfBranch,
        };

    [Theory]
    [InlineData("person")]
    [InlineData("repository")]
    [InlineData("branch")]
    public void A_name_has_1_to_300_characters_in_one_line(string what)
    {
        foreach (var length in (int[])[1, 2, 299, 300])
        {
            var text = new string('n', length);
            var made = Of(what)(text, 7, out var problem);

            Assert.Equal("", problem);
            Assert.Equal((text, 7), (made!.Text, made.Line));
            Assert.True(made.Catches(text));
            Assert.True(made.Grants(text));
        }
        foreach (var length in (int[])[0, 301, 5_000])
        {
            Assert.Null(Of(what)(new string('n', length), 7, out var problem));
            Assert.Equal($"has {length} characters; 1 to 300 are taken", problem);
        }
        foreach (var text in (string[])["\u0001", "a\nb", "ab\u007F", "\u0085a"])
        {
            Assert.Null(Of(what)(text, 7, out var problem));
            Assert.Equal("holds a control character", problem);
        }
    }

    [Theory]
    [InlineData("repository", "a/[b]")]
    [InlineData("repository", "a\\[b]")]
    [InlineData("branch", "[b]")]
    public void A_malformed_path_is_none(string what, string text)
    {
        Assert.Null(Of(what)(text, 1, out var problem));
        Assert.Equal(
            "holds '['; sets of characters are not known: use ? for one character",
            problem
        );
    }

    [Theory]
    [InlineData("ann", "ann", true, true)]
    [InlineData("ann", "Ann", true, false)]
    [InlineData("ann", "anna", false, false)]
    [InlineData("Ann", "ann", true, false)]
    [InlineData("release-*", "release-7", true, true)]
    [InlineData("release-*", "release-", true, true)]
    [InlineData("release-*", "RELEASE-7", true, false)]
    [InlineData("?b", "ab", true, true)]
    [InlineData("?b", "b", false, false)]
    [InlineData("*", "anybody", true, true)]
    [InlineData("*", "", true, true)]
    [InlineData("jos\u00E9", "JOSE\u0301", true, false)]
    [InlineData("a/b", "a/b", true, true)]
    [InlineData("*", "a/b", true, true)]
    public void People_are_caught_without_case_and_granted_as_they_are_written(
        string pattern,
        string name,
        bool caught,
        bool granted
    )
    {
        var made = NamePattern.OfPerson(pattern, 1, out _)!;

        Assert.Equal((caught, granted), (made.Catches(name), made.Grants(name)));
    }

    [Theory]
    // a name
    [InlineData("app", "app", true)]
    [InlineData("app", "APP", true)]
    [InlineData("app", "/srv/git/app", true)]
    [InlineData("app", "/srv/git/app/", true)]
    [InlineData("app", "/srv/git/app.git", true)]
    [InlineData("app", "/srv/git/app/.git", true)]
    [InlineData("app", "C:\\src\\App", true)]
    [InlineData("app.git", "/srv/app", true)]
    [InlineData("APP.GIT", "app", true)]
    [InlineData("a?p", "/srv/axp", true)]
    [InlineData("app*", "/srv/app-two", true)]
    [InlineData("app", "/srv/app/lib", false)]
    [InlineData("app", "/srv/my-app", false)]
    [InlineData("app", "", false)]
    [InlineData(".git", ".git", true)]
    [InlineData(".git", "", false)]
    // a whole path
    [InlineData("/srv/git/*", "/srv/git/app", true)]
    [InlineData("srv/git/*", "/srv/git/app", true)]
    [InlineData("\\srv\\git\\*", "/srv/git/app", true)]
    [InlineData("/srv/git/*", "/srv/git/team/app", false)]
    [InlineData("/srv/git/**", "/srv/git/team/app", true)]
    [InlineData("/srv/git/**", "/SRV/Git/team/../app", true)]
    [InlineData("/srv/git/**", "/srv/other/app", false)]
    [InlineData("/srv/app.git", "/srv/app", true)]
    [InlineData("/srv/app/", "/srv/app.git/", true)]
    [InlineData("/srv/app", "app", false)]
    [InlineData("C:\\src\\*", "c:/SRC/x", true)]
    [InlineData("C:/src/*", "\\\\?\\C:\\src\\x", true)]
    [InlineData("//?/C:/src/*", "C:/src/x", true)]
    [InlineData("c/src/*", "C:\\src\\x", true)]
    [InlineData("C:/src/*", "D:/src/x", false)]
    [InlineData("C:/src/*", "/src/x", false)]
    public void A_repository_is_caught_by_its_name_or_its_whole_path(
        string pattern,
        string repository,
        bool caught
    ) => Assert.Equal(caught, NamePattern.OfRepository(pattern, 1, out _)!.Catches(repository));

    [Theory]
    [InlineData("app", "app")]
    [InlineData("App.GIT", "app")]
    [InlineData("x.git", "x")]
    [InlineData(".git", ".git")]
    [InlineData("/srv/app", "srv/app")]
    [InlineData("/srv/app//", "srv/app")]
    [InlineData("/srv/app.git/", "srv/app")]
    [InlineData("/srv/app/.git", "srv/app")]
    [InlineData("/srv/x/../app", "srv/app")]
    [InlineData("\\srv\\app", "srv/app")]
    [InlineData("C:\\src\\App", "c/src/app")]
    [InlineData("C:/", "c")]
    [InlineData("//?/C:/src", "c/src")]
    [InlineData("\\\\?\\C:\\src\\", "c/src")]
    [InlineData("", "")]
    public void A_repository_has_one_spelling(string repository, string key) =>
        Assert.Equal(key, NamePattern.RepositoryKey(repository));

    [Theory]
    [InlineData("main", "main", true)]
    [InlineData("main", "MAIN", true)]
    [InlineData("main", "refs/heads/main", true)]
    [InlineData("main", "heads/main", true)]
    [InlineData("main", "Refs/Heads/Main", true)]
    [InlineData("v1", "refs/tags/v1", true)]
    [InlineData("v1", "tags/v1", true)]
    [InlineData("refs/heads/main", "main", true)]
    [InlineData("heads/main", "main", true)]
    [InlineData("refs/tags/v1", "v1", true)]
    [InlineData("tags/v1", "v1", true)]
    [InlineData("main", "main~0", true)]
    [InlineData("main", "main~2^2", true)]
    [InlineData("main", "main^{}", true)]
    [InlineData("main", "main@{1}", true)]
    [InlineData("main", "main:a", true)]
    [InlineData("main", "refs/heads/main~1", true)]
    [InlineData("main", "main2", false)]
    [InlineData("main", "feature/main", false)]
    [InlineData("main", "", false)]
    [InlineData("main", "HEAD", false)]
    // one prefix is taken off: what is left is the branch's own name
    [InlineData("x", "refs/heads/heads/x", false)]
    [InlineData("refs/heads/heads/x", "refs/heads/heads/x", true)]
    [InlineData("x", "refs/heads/tags/x", false)]
    // a request that names no branch
    [InlineData("HEAD", "", true)]
    [InlineData("HEAD", "HEAD", true)]
    [InlineData("head", "HEAD~1", true)]
    [InlineData("HEAD", "main", false)]
    // parts
    [InlineData("feature/*", "feature/x", true)]
    [InlineData("feature/*", "feature/x/y", false)]
    [InlineData("feature/**", "feature/x/y", true)]
    [InlineData("**", "", true)]
    [InlineData("**", "0123456789abcdef", true)]
    [InlineData("release/?", "release/1", true)]
    [InlineData("release/?", "release/12", false)]
    // git reads it as HEAD
    [InlineData("@", "@", true)]
    [InlineData("@", "main", false)]
    // '@' belongs to a name; only "@{" begins another way to write it.
    [InlineData("deps@one", "deps@one", true)]
    [InlineData("deps@one", "deps@one@{1}", true)]
    [InlineData("deps@one", "deps", false)]
    [InlineData("deps@one", "deps@two", false)]
    [InlineData("HEAD", "@", true)]
    [InlineData("HEAD", "@~1", true)]
    public void A_branch_is_caught_in_every_way_to_write_it(
        string pattern,
        string branch,
        bool caught
    ) => Assert.Equal(caught, NamePattern.OfBranch(pattern, 1, out _)!.Catches(branch));

    [Theory]
    [InlineData("person", "ann", "ANN", true)]
    [InlineData("person", "ann", "ben", false)]
    [InlineData("repository", "app", "App.git", true)]
    [InlineData("repository", "app", "lib", false)]
    [InlineData("repository", "a/*", "a/*", true)]
    [InlineData("repository", "/a/*", "a/*", true)]
    [InlineData("repository", "a/*", "b/*", false)]
    [InlineData("repository", "app", "srv/app", false)]
    [InlineData("branch", "main", "refs/heads/main", true)]
    [InlineData("branch", "main", "old", false)]
    public void Two_patterns_are_the_same_or_not(string what, string one, string other, bool same)
    {
        var (a, b) = (Of(what)(one, 1, out _)!, Of(what)(other, 2, out _)!);

        Assert.Equal((same, same), (a.Same(b), b.Same(a)));
        Assert.True(a.Same(a));
    }

    [Fact]
    public void A_role_that_is_not_there_has_nobody()
    {
        Assert.Empty(PolicyRoles.None.Names);
        Assert.Empty(PolicyRoles.None.MembersOf("lead"));
        Assert.False(PolicyRoles.None.Knows("lead"));
        Assert.False(PolicyRoles.None.Catches("lead", "ann"));
        Assert.False(PolicyRoles.None.Grants("lead", "ann"));
    }

    [Fact]
    public void A_role_has_its_own_people_and_those_of_the_roles_it_includes()
    {
        var roles = PolicyTexts
            .Read(
                PolicyTexts.Head
                    + "roles: {lead: [zoe], keeper: [ann, 'role:LEAD'], all: 'role:keeper', none: }\n"
                    + PolicyTexts.Lanes
            )
            .Roles;

        Assert.Equal(["lead", "keeper", "all", "none"], roles.Names);
        Assert.Equal(["ann", "zoe"], roles.MembersOf("all").Select(m => m.Text).Order());
        Assert.Equal(["zoe"], roles.MembersOf("Lead").Select(m => m.Text));
        Assert.Empty(roles.MembersOf("none"));
        Assert.Equal(
            (true, true, false),
            (roles.Knows("KEEPER"), roles.Knows("none"), roles.Knows("boss"))
        );
        Assert.Equal(
            (true, false, true, false),
            (
                roles.Grants("keeper", "zoe"),
                roles.Grants("keeper", "Zoe"),
                roles.Catches("keeper", "Zoe"),
                roles.Catches("lead", "ann")
            )
        );
    }
}
