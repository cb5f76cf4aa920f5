from crm_runtime.supervisor import RestartPause


def test_a_process_that_cannot_work_is_restarted_ever_less_often() -> None:
    restart = RestartPause()

    assert [restart.after(1.0) for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_process_that_had_been_running_comes_back_at_once_however_often_it_is_killed() -> None:
    restart = RestartPause()

    assert [restart.after(11.0) for _ in range(3)] == [0.5, 0.5, 0.5]


def test_after_a_steady_time_the_pauses_begin_anew() -> None:
    restart = RestartPause()

    assert [restart.after(ran) for ran in (1.0, 1.0, 11.0, 1.0)] == [0.5, 1.0, 0.5, 1.0]
