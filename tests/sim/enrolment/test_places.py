from sim.enrolment.places import DroppedArm, Places


def places(size, ratio, *dropped):
    closed = []
    return Places(size, ratio, [DroppedArm(*each) for each in dropped], closed.append), closed


def test_a_dropped_arm_gives_up_its_share_of_the_free_places():
    trial, closed = places(100, (1, 1, 1, 1), (1, 50.0), (3, 80.0))
    trial.drop_arms(49.9, 39)
    assert (trial.size, closed) == (100, [])
    trial.drop_arms(50.0, 40)
    assert (trial.size, closed) == (40 + 45, [1])
    trial.drop_arms(81.0, 61)
    assert (trial.size, closed) == (61 + 16, [1, 3])


def test_arms_give_up_by_their_shares():
    trial, _ = places(90, (3, 1, 2), (2, 10.0))
    trial.drop_arms(10.0, 30)
    assert trial.size == 30 + 40


def test_the_participant_who_is_about_to_be_randomized_is_taken():
    trial, closed = places(100, (1, 1, 1), (2, 10.0), (1, 10.0))
    trial.drop_arms(12.0, 99)
    assert (trial.size, closed) == (100, [2, 1])
